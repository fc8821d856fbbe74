using System;
using System.Collections.Generic;
using System.Threading;

namespace Cardea.Client.Watching
{
    /// <summary>
    /// Hands news to the program in order: on its own synchronisation context, or on a thread of ours
    /// where it has none. A program that does not take them misses events, and never the latest view.
    /// </summary>
    internal sealed class Mail : IDisposable
    {
        private const int Room = 256;

        private readonly object gate = new object();
        private readonly LinkedList<object> waiting = new LinkedList<object>();
        private readonly SynchronizationContext context;
        private readonly Action<object> deliver;
        private bool posted;
        private bool closed;

        internal Mail(SynchronizationContext context, Action<object> deliver)
        {
            // The base class has no order: it posts to the thread pool.
            this.context = context == null || context.GetType() == typeof(SynchronizationContext) ? null : context;
            this.deliver = deliver;
            if (this.context == null)
            {
                new Thread(Serve) { IsBackground = true, Name = "Cardea news" }.Start();
            }
        }

        internal void Put(object news)
        {
            lock (gate)
            {
                if (waiting.Count == Room)
                {
                    waiting.Remove(Dispensable());
                }
                waiting.AddLast(news);
                Monitor.Pulse(gate);
            }
        }

        /// <summary>Has what is waiting handed out; holds no lock of the caller's.</summary>
        internal void Send()
        {
            lock (gate)
            {
                if (context == null || posted || closed || waiting.Count == 0)
                {
                    return;
                }
                posted = true;
            }
            try
            {
                context.Post(state => Drain(), null);
            }
            catch (Exception error) when (error is InvalidOperationException || error is ArgumentException)
            {
                // The program's window has gone, or is not there yet; the next tick tries again.
                lock (gate)
                {
                    posted = false;
                }
            }
        }

        public void Dispose()
        {
            lock (gate)
            {
                closed = true;
                waiting.Clear();
                Monitor.Pulse(gate);
            }
        }

        private void Drain()
        {
            try
            {
                while (TryTake(out var news))
                {
                    deliver(news);
                }
            }
            finally
            {
                // A handler may have thrown: the news after it are handed out all the same.
                lock (gate)
                {
                    posted = false;
                }
                Send();
            }
        }

        private bool TryTake(out object news)
        {
            lock (gate)
            {
                news = closed ? null : waiting.First?.Value;
                if (news != null)
                {
                    waiting.RemoveFirst();
                }
                return news != null;
            }
        }

        private void Serve()
        {
            while (true)
            {
                lock (gate)
                {
                    while (!closed && waiting.Count == 0)
                    {
                        Monitor.Wait(gate);
                    }
                    if (closed)
                    {
                        return;
                    }
                }
                if (TryTake(out var news))
                {
                    deliver(news);
                }
            }
        }

        private LinkedListNode<object> Dispensable()
        {
            var node = waiting.First;
            while (node != null && node.Value is View)
            {
                node = node.Next;
            }
            return node ?? waiting.First;
        }
    }
}
