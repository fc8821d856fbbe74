using System;
using System.Threading;
using Cardea.Client.Wire;

namespace Cardea.Client.Watching
{
    /// <summary>Takes what comes over a line.</summary>
    internal interface IListener
    {
        void Answered(Line line, Snapshot answer);

        void Heard(Line line, StreamEvent message, string id);

        void Lost(Line line, CardeaException error);

        /// <summary>Nothing comes any more.</summary>
        void Ended(Line line);
    }

    /// <summary>One attempt at a stream, on a thread of its own, until it is lost or closed.</summary>
    internal sealed class Line : IDisposable
    {
        private readonly Exchange exchange;
        private readonly IListener listener;
        private readonly TimeSpan longestSilence;
        private readonly CancellationTokenSource closed = new CancellationTokenSource();

        internal Line(Exchange exchange, IListener listener, TimeSpan longestSilence)
        {
            this.exchange = exchange;
            this.listener = listener;
            this.longestSilence = longestSilence;
        }

        /// <summary>The message to resume after.</summary>
        internal string After { private get; set; }

        /// <summary>How long to wait first.</summary>
        internal TimeSpan Pause { private get; set; }

        /// <summary>Whether to ask for the session before the stream is opened.</summary>
        internal bool AsksFirst { private get; set; }

        internal void Start() => new Thread(Run) { IsBackground = true, Name = "Cardea stream" }.Start();

        /// <summary>Ends it soon.</summary>
        internal void Close() => closed.Cancel();

        /// <summary>Only once it has ended.</summary>
        public void Dispose() => closed.Dispose();

        private void Run()
        {
            try
            {
                if (!closed.Token.WaitHandle.WaitOne(Pause))
                {
                    Listen(closed.Token);
                }
            }
            catch (OperationCanceledException)
            {
            }
            catch (CardeaException error)
            {
                listener.Lost(this, error);
            }
            catch (Exception error)
            {
                listener.Lost(this, CardeaException.Broken(error));
            }
            finally
            {
                listener.Ended(this);
            }
        }

        private void Listen(CancellationToken cancel)
        {
            var deadline = new Deadline(Limits.Request);
            using (var connection = exchange.Connect(deadline, cancel))
            using (cancel.Register(connection.Dispose))
            {
                if (AsksFirst)
                {
                    var answer = exchange.Ask(connection, Request.Get("/v1/session"), deadline);
                    listener.Answered(this, new Snapshot(answer.Json()));
                }
                var body = exchange.Open(connection, Request.Events(After), deadline);
                var stream = new EventStream(body, After, longestSilence);
                while (!cancel.IsCancellationRequested)
                {
                    var message = stream.Next();
                    listener.Heard(this, message, stream.LastId);
                }
            }
        }
    }
}
