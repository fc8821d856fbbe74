using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using Cardea.Client.Watching;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>
    /// Follows the session, and does "silence is logout" for the program: whatever happens to the agent,
    /// the stream or this computer, <see cref="View"/> is right, or locked.
    /// <para>
    /// Events are raised in order on the synchronisation context that the watch was made on (the thread
    /// of a WinForms or WPF window), else on a thread of the watch's own. What a handler throws is the
    /// program's own affair and is not caught: a program that cannot lock should not go on.
    /// </para>
    /// <para>Safe to use from several threads. It holds two or three threads until it is disposed.</para>
    /// </summary>
    public sealed class SessionWatch : IDisposable, IListener
    {
        /// <summary>So often the clocks are compared.</summary>
        private static readonly TimeSpan Regular = TimeSpan.FromSeconds(1);

        private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(5);

        private readonly object gate = new object();
        private readonly CardeaClient client;
        private readonly IClock clock;
        private readonly TimeSpan longestSilence;
        private readonly Silence silence;
        private readonly Mail mail;
        private readonly HashSet<Line> lines = new HashSet<Line>();
        private readonly ManualResetEvent stop = new ManualResetEvent(false);
        private readonly Thread ticker;
        private Line line;
        private string resume;
        private int failures;
        private CardeaException lastError;
        private bool started;
        private bool disposed;

        /// <summary>Follows the session that <paramref name="client"/> may see, in live use only.</summary>
        public SessionWatch(CardeaClient client)
            : this(client, new[] { "live" })
        {
        }

        /// <summary>
        /// Follows the session that <paramref name="client"/> may see. Nobody counts as signed in by
        /// another CIS2 than one of <paramref name="environments"/>: <c>live</c>, <c>int</c>, <c>custom</c>,
        /// <c>simulated</c>.
        /// </summary>
        public SessionWatch(CardeaClient client, IEnumerable<string> environments)
            : this(client, environments, new SystemClock(), Limits.LongestSilence)
        {
        }

        internal SessionWatch(
            CardeaClient client, IEnumerable<string> environments, IClock clock, TimeSpan longestSilence)
        {
            this.client = client ?? throw new ArgumentNullException(nameof(client));
            this.clock = clock;
            this.longestSilence = longestSilence;
            silence = new Silence(clock.Now(), environments.ToArray());
            mail = new Mail(SynchronizationContext.Current, Deliver);
            ticker = new Thread(Tick) { IsBackground = true, Name = "Cardea clock" };
        }

        /// <summary>What the program may show has changed.</summary>
        public event EventHandler<ViewChangedEventArgs> ViewChanged;

        /// <summary>
        /// What the agent said; heartbeats are left out. The views that follow from it came before. Lock
        /// and unlock by <see cref="ViewChanged"/> only.
        /// </summary>
        public event EventHandler<EventReceivedEventArgs> EventReceived;

        /// <summary>
        /// What the program may show now. Whoever asks first after the computer or this process slept is
        /// told that it is being checked.
        /// </summary>
        public View View
        {
            get
            {
                Tell((rules, now) => rules.Tick(now));
                lock (gate)
                {
                    return started && !disposed ? silence.View : View.Checking;
                }
            }
        }

        /// <summary>Why the stream was lost last; null while it is there.</summary>
        public CardeaException LastError
        {
            get
            {
                lock (gate)
                {
                    return lastError;
                }
            }
        }

        /// <summary>Begins, once the handlers are in place. The view is <see cref="View.Checking"/> until then.</summary>
        public void Start()
        {
            lock (gate)
            {
                if (started || disposed)
                {
                    return;
                }
                started = true;
                silence.Begin(clock.Now());
                Open(TimeSpan.Zero, false);
                ticker.Start();
            }
        }

        /// <summary>
        /// Locks until the agent has been asked again. The watch sees by itself that the computer slept;
        /// call this too from <c>SystemEvents.PowerModeChanged</c> and <c>SessionSwitch</c>: it is earlier.
        /// </summary>
        public void Recheck() => Tell((rules, now) => rules.Wake(now));

        /// <summary>Ends it: no event is raised any more, and the view is <see cref="View.Checking"/>.</summary>
        public void Dispose()
        {
            lock (gate)
            {
                if (disposed)
                {
                    return;
                }
                disposed = true;
                line?.Close();
                stop.Set();
                mail.Dispose();
                while (lines.Count > 0 && Monitor.Wait(gate, Farewell))
                {
                }
            }
            if (started && ticker.Join(Farewell))
            {
                stop.Dispose();
            }
        }

        void IListener.Answered(Line from, Snapshot answer) => Tell(from, (rules, now) => rules.Learn(answer, now));

        void IListener.Heard(Line from, StreamEvent message, string id) => Tell(from, (rules, now) =>
        {
            resume = id;
            failures = 0;
            lastError = null;
            return rules.Hear(message, now);
        }, message);

        void IListener.Lost(Line from, CardeaException error) => Tell(from, (rules, now) =>
        {
            var loss = LossBy(error);
            lastError = error;
            Open(PauseBeforeRetry(loss, failures), false);
            failures++;
            return rules.Lose(loss, now);
        });

        void IListener.Ended(Line from)
        {
            lock (gate)
            {
                lines.Remove(from);
                from.Dispose();
                Monitor.PulseAll(gate);
            }
        }

        /// <summary>Takes what a line says, unless another one has taken its place.</summary>
        private void Tell(Line from, Func<Silence, Moment, bool> signal, StreamEvent message = null)
        {
            lock (gate)
            {
                if (from == line)
                {
                    Handle(signal);
                    if (message != null && message.Name != "heartbeat")
                    {
                        mail.Put(message);
                    }
                }
            }
            mail.Send();
        }

        private void Tell(Func<Silence, Moment, bool> signal)
        {
            lock (gate)
            {
                Handle(signal);
            }
            mail.Send();
        }

        private void Handle(Func<Silence, Moment, bool> signal)
        {
            if (!started || disposed)
            {
                return;
            }
            var stale = signal(silence, clock.Now());
            foreach (var view in silence.News())
            {
                mail.Put(view);
            }
            if (stale)
            {
                Open(TimeSpan.Zero, true);
            }
        }

        private void Open(TimeSpan pause, bool asksFirst)
        {
            line?.Close();
            line = new Line(client.Exchange, this, longestSilence) { After = resume, Pause = pause, AsksFirst = asksFirst };
            lines.Add(line);
            line.Start();
        }

        private void Tick()
        {
            while (!stop.WaitOne(UntilTick()))
            {
                Tell((rules, now) => rules.Tick(now));
            }
        }

        private TimeSpan UntilTick()
        {
            lock (gate)
            {
                var left = silence.DecideBy - clock.Now().Monotonic ?? Regular;
                var bounded = left < Regular ? left : Regular;
                return bounded > TimeSpan.Zero ? bounded + TimeSpan.FromMilliseconds(1) : TimeSpan.FromMilliseconds(1);
            }
        }

        private void Deliver(object news)
        {
            var view = news as View;
            if (view == null)
            {
                EventReceived?.Invoke(this, new EventReceivedEventArgs((StreamEvent)news));
            }
            else if (!view.IsSignedIn || ReferenceEquals(view, View))
            {
                // What was true when it was put into the queue unlocks nothing when it no longer is.
                ViewChanged?.Invoke(this, new ViewChangedEventArgs(view));
            }
        }

        private static Loss LossBy(CardeaException error)
        {
            switch (error.Kind)
            {
                case ErrorKind.Silent:
                    return Loss.Silent;
                case ErrorKind.Refused:
                    return Loss.Refused;
                case ErrorKind.Problem:
                    return error.Status == 401 || error.Status == 403 ? Loss.Refused : Loss.Closed;
                default:
                    return Loss.Closed;
            }
        }

        /// <summary>Quick while the session may still be saved, slow when it is over anyway.</summary>
        private static TimeSpan PauseBeforeRetry(Loss loss, int failures)
        {
            if (loss == Loss.Refused || failures > 60)
            {
                return TimeSpan.FromSeconds(5);
            }
            if (failures > 15)
            {
                return TimeSpan.FromSeconds(1);
            }
            return TimeSpan.FromMilliseconds(failures == 0 ? 50 : 200);
        }
    }
}
