using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.Threading;
using Cardea.Client.Watching;

namespace Cardea.Client.Tests
{
    /// <summary>News on their way to the program.</summary>
    internal static class MailTests
    {
        /// <summary>A window's thread, whose turn comes when the test says so.</summary>
        private sealed class Window : SynchronizationContext
        {
            private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

            private readonly BlockingCollection<Action> posted = new BlockingCollection<Action>();

            public override void Post(SendOrPostCallback callback, object state) => posted.Add(() => callback(state));

            /// <summary>
            /// Takes what was posted; waits for the first, as whoever posts may have told of it and not
            /// have come to posting.
            /// </summary>
            internal int Turn()
            {
                var turns = 0;
                while (posted.TryTake(out var turn, turns == 0 ? Limit : TimeSpan.Zero))
                {
                    turn();
                    turns++;
                }
                return turns;
            }
        }

        [Test]
        private static void a_window_that_hangs_misses_events_and_never_the_latest_view()
        {
            var window = new Window();
            var seen = new List<object>();
            using (var mail = new Mail(window, seen.Add))
            {
                mail.Put(View.SignedOut("card_removed"));
                for (var count = 0; count < 5000; count++)
                {
                    mail.Put(Messages.Read(Messages.Event("card.inserted", "A", count)));
                    mail.Send();
                }
                Expect.Same(1, window.Turn());
                Expect.Same("signed out (card_removed)", seen[0].ToString());
                Expect.Same(256, seen.Count);
                Expect.Same(4999L, ((StreamEvent)seen[255]).Revision);
            }
        }

        [Test]
        private static void news_come_in_order_also_after_a_handler_that_throws()
        {
            var window = new Window();
            var seen = new List<string>();
            Action<object> deliver = news =>
            {
                seen.Add(news.ToString());
                if (seen.Count == 1)
                {
                    throw new InvalidOperationException("the program's own affair");
                }
            };
            using (var mail = new Mail(window, deliver))
            {
                mail.Put(View.Checking);
                mail.Put(View.SignedOut("card_removed"));
                mail.Send();
                try
                {
                    window.Turn();
                }
                catch (InvalidOperationException)
                {
                }
                window.Turn();
                Expect.Words("checking signed out (card_removed)", seen.ToArray());
            }
        }

        [Test]
        private static void a_view_that_is_no_longer_true_unlocks_nothing_when_its_turn_comes()
        {
            var window = new Window();
            SynchronizationContext.SetSynchronizationContext(window);
            var seen = new List<string>();
            using (var agent = new PlayedAgent(line => null))
            using (var watch = new SessionWatch(agent.Client()))
            {
                watch.ViewChanged += (sender, news) => seen.Add(news.View.ToString());
                watch.Start();
                agent.NextStream().Say(Messages.SnapshotEvent("A", 5, "A.s1"));
                SpinWait.SpinUntil(() => watch.View.IsSignedIn, TimeSpan.FromSeconds(30));
                Expect.Same(0, seen.Count);
                watch.Recheck();
                window.Turn();
                Expect.Words("checking", seen.ToArray());
            }
        }
    }
}
