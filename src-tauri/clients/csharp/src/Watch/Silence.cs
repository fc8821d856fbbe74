using System;
using System.Collections.Generic;
using System.Linq;

namespace Cardea.Client.Watching
{
    /// <summary>How the stream was lost.</summary>
    internal enum Loss
    {
        /// <summary>It closed, broke, or cannot be opened: maybe for a moment only.</summary>
        Closed,

        /// <summary>30 s without a byte.</summary>
        Silent,

        /// <summary>The agent says no.</summary>
        Refused,
    }

    /// <summary>
    /// Silence is logout (contract, sections 4.3 and 4.4): decides from what comes over the stream, what
    /// does not come, and the clocks, whether somebody may count as signed in. Pure. The methods that
    /// take a signal say whether the stream is stale: what it still holds may be old, open a new one.
    /// </summary>
    internal sealed class Silence
    {
        /// <summary>So long without a live snapshot, and the session counts as ended.</summary>
        private static readonly TimeSpan LongestDoubt = TimeSpan.FromSeconds(3);

        /// <summary>So much more on the wall clock than on the monotonic one, and the computer slept.</summary>
        private static readonly TimeSpan Drift = TimeSpan.FromSeconds(2);

        /// <summary>So long without being called, and this process slept. It is called every second.</summary>
        private static readonly TimeSpan Stall = TimeSpan.FromSeconds(5);

        private readonly IReadOnlyCollection<string> environments;
        private readonly List<View> news = new List<View>();
        private string boot;
        private long revision;
        private Moment last;

        internal Silence(Moment now, IReadOnlyCollection<string> environments)
        {
            this.environments = environments;
            Begin(now);
        }

        /// <summary>The clocks count from now on.</summary>
        internal void Begin(Moment now)
        {
            last = now;
            DecideBy = now.Monotonic + LongestDoubt;
        }

        /// <summary>What a program may show now.</summary>
        internal View View { get; private set; } = View.Checking;

        /// <summary>No live snapshot until then, on the monotonic clock: the session counts as ended.</summary>
        internal TimeSpan? DecideBy { get; private set; }

        /// <summary>The views since this was asked last, in order.</summary>
        internal IReadOnlyList<View> News()
        {
            var taken = news.ToArray();
            news.Clear();
            return taken;
        }

        /// <summary>A message came.</summary>
        internal bool Hear(StreamEvent message, Moment now) => Handle(HasSlept(now), now, slept => Hear(message, slept, now));

        /// <summary>The agent answered what it was asked before the stream: that can lock, and unlocks nothing.</summary>
        internal bool Learn(Snapshot answer, Moment now) => Handle(HasSlept(now), now, slept =>
        {
            Meet(answer.Boot);
            LearnFromThePast(answer);
        });

        /// <summary>The stream is lost, or could not be opened.</summary>
        internal bool Lose(Loss loss, Moment now) => Handle(HasSlept(now), now, slept => Lose(loss, now.Monotonic));

        /// <summary>Time passed.</summary>
        internal bool Tick(Moment now) => Handle(HasSlept(now), now, slept => { });

        /// <summary>The program says that the computer woke, or that it wants to be sure.</summary>
        internal bool Wake(Moment now) => Handle(true, now, slept => { });

        private bool Handle(bool slept, Moment now, Action<bool> signal)
        {
            last = now;
            if (slept)
            {
                Doubt(now.Monotonic);
            }
            signal(slept);
            if (DecideBy <= now.Monotonic)
            {
                Decide(SignedOutReason.AgentLost);
            }
            return slept;
        }

        private bool HasSlept(Moment now)
        {
            var ran = now.Monotonic - last.Monotonic;
            return ran > Stall || now.Wall - last.Wall > ran + Drift;
        }

        private void Hear(StreamEvent message, bool slept, Moment now)
        {
            Meet(message.Boot);
            switch (message.Name)
            {
                case "session.ended":
                    Lock(EndReason.Named(message.Reason));
                    break;
                case "gap":
                    Doubt(now.Monotonic);
                    break;
                case "snapshot":
                    HearSnapshot(message, slept);
                    break;
            }
        }

        private void HearSnapshot(StreamEvent message, bool slept)
        {
            var live = !message.Replayed && !slept && message.Revision >= revision;
            revision = Math.Max(revision, message.Revision);
            if (message.Snapshot == null)
            {
                return;
            }
            if (live)
            {
                Learn(message.Snapshot);
            }
            else
            {
                LearnFromThePast(message.Snapshot);
            }
        }

        /// <summary>Another run of the agent knows nothing of the session that is shown.</summary>
        private void Meet(string current)
        {
            if (boot != null && boot != current)
            {
                revision = 0;
                if (View.IsSignedIn)
                {
                    Lock(SignedOutReason.AgentRestarted);
                }
            }
            boot = current;
        }

        /// <summary>A live snapshot: the only thing that unlocks.</summary>
        private void Learn(Snapshot snapshot)
        {
            DecideBy = null;
            if (snapshot.ActiveSession == null)
            {
                Lock(ReasonIn(snapshot));
                return;
            }
            if (!environments.Contains(snapshot.Environment))
            {
                Lock(SignedOutReason.OtherEnvironment);
                return;
            }
            if (View.IsSignedIn && View.Session.Id != snapshot.Session.Id)
            {
                Lock(SignedOutReason.OtherSession);
            }
            Show(View.SignedIn(snapshot));
        }

        /// <summary>A snapshot that may be old can lock only.</summary>
        private void LearnFromThePast(Snapshot snapshot)
        {
            if (snapshot.ActiveSession == null)
            {
                Lock(ReasonIn(snapshot));
            }
        }

        private void Lose(Loss loss, TimeSpan now)
        {
            switch (loss)
            {
                case Loss.Silent:
                    Decide(SignedOutReason.AgentSilent);
                    break;
                case Loss.Refused:
                    Decide(SignedOutReason.Refused);
                    break;
                default:
                    DecideBy = DecideBy ?? now + LongestDoubt;
                    break;
            }
        }

        /// <summary>Locks until a live snapshot decides.</summary>
        private void Doubt(TimeSpan now)
        {
            if (View.IsSignedIn)
            {
                Show(View.Checking);
                DecideBy = now + LongestDoubt;
            }
        }

        private void Decide(string reason)
        {
            DecideBy = null;
            Lock(reason);
        }

        private void Lock(string reason) => Show(View.SignedOut(reason));

        private void Show(View view)
        {
            if (!view.ShowsTheSameAs(View))
            {
                news.Add(view);
                View = view;
            }
        }

        /// <summary>Why nobody is signed in by <paramref name="snapshot"/>.</summary>
        private string ReasonIn(Snapshot snapshot)
        {
            var end = snapshot.LastEnd;
            var isOfIt = end != null && (!View.IsSignedIn || View.Session.Id == end.SessionId);
            return isOfIt ? EndReason.Named(end.Reason) : SignedOutReason.NotSignedIn;
        }
    }
}
