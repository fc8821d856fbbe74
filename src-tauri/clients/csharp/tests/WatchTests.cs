using System;
using System.Collections.Concurrent;
using System.Threading;
using Cardea.Client.Watching;

namespace Cardea.Client.Tests
{
    /// <summary>The watch at a played agent, on a clock that the test moves.</summary>
    internal static class WatchTests
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

        private sealed class PlayedClock : IClock
        {
            private long seconds;

            public Moment Now()
            {
                var passed = TimeSpan.FromSeconds(Interlocked.Read(ref seconds));
                return new Moment(passed, new DateTime(2026, 1, 5, 9, 0, 0, DateTimeKind.Utc) + passed);
            }

            internal void Pass(int more) => Interlocked.Add(ref seconds, more);
        }

        /// <summary>A program that follows the session, and the agent that it follows.</summary>
        private sealed class Program : IDisposable
        {
            internal readonly PlayedClock Clock = new PlayedClock();
            internal readonly PlayedAgent Agent;
            internal readonly SessionWatch Watch;
            internal readonly BlockingCollection<string> Views = new BlockingCollection<string>();
            internal readonly BlockingCollection<string> Events = new BlockingCollection<string>();

            internal Program(Func<string, string> answer = null, TimeSpan? silence = null)
            {
                Agent = new PlayedAgent(answer);
                Watch = new SessionWatch(Agent.Client(), new[] { "live" }, Clock, silence ?? Limit);
                Watch.ViewChanged += (sender, news) => Views.Add(news.View.ToString());
                Watch.EventReceived += (sender, news) => Events.Add(news.Event.Name);
                Watch.Start();
            }

            /// <summary>Somebody is signed in: boot A, revision 5, session A.s1.</summary>
            internal PlayedStream SignIn()
            {
                var stream = Agent.NextStream().Say(Messages.SnapshotEvent("A", 5, "A.s1"));
                Sees("signed in");
                return stream;
            }

            internal void Sees(string view)
            {
                Expect.True(Views.TryTake(out var seen, Limit), "nothing is seen where it should be " + view);
                Expect.Same(view, seen);
            }

            internal void Hears(string name)
            {
                Expect.True(Events.TryTake(out var heard, Limit), "nothing is heard where it should be " + name);
                Expect.Same(name, heard);
            }

            public void Dispose()
            {
                Watch.Dispose();
                Agent.Dispose();
            }
        }

        [Test]
        private static void the_card_leaves_and_the_program_is_told_first_what_to_show_and_then_what_happened()
        {
            using (var program = new Program())
            {
                Expect.True(program.Watch.View.IsChecking, "checking");
                var stream = program.SignIn();
                Expect.Same("A.s1", program.Watch.View.Session.Id);
                stream.Say(Messages.Event("heartbeat", "A", 5)).Say(Messages.Ended("A", 6, "card_removed"));
                program.Sees("signed out (card_removed)");
                program.Hears("snapshot");
                program.Hears("session.ended");
                Expect.True(!program.Watch.View.IsSignedIn, "locked");
            }
        }

        [Test]
        private static void a_stream_that_breaks_is_taken_up_where_it_ended()
        {
            using (var program = new Program())
            {
                program.SignIn().Close();
                var again = program.Agent.NextStream();
                Expect.True(again.Head.Contains("Last-Event-ID: n1\r\n"), again.Head);
                again.Say(Messages.Ended("A", 6, "card_removed", ",\"replayed\":true"));
                program.Sees("signed out (card_removed)");
                again.Say(Messages.SnapshotEvent("A", 7, "A.s2", ",\"replayed\":true"));
                program.Hears("snapshot");
                program.Hears("session.ended");
                program.Hears("snapshot");
                Expect.True(!program.Watch.View.IsSignedIn, "what was replayed does not unlock");
                again.Say(Messages.SnapshotEvent("A", 8, "A.s2"));
                program.Sees("signed in");
            }
        }

        [Test]
        private static void an_agent_that_is_gone_is_waited_for_three_seconds()
        {
            using (var program = new Program())
            {
                program.SignIn();
                program.Agent.Dispose();
                SpinWait.SpinUntil(() => program.Watch.LastError != null, Limit);
                Expect.True(program.Watch.View.IsSignedIn, "it may come back");
                program.Clock.Pass(3);
                program.Sees("signed out (agent_lost)");
            }
        }

        [Test]
        private static void silence_on_an_open_stream_is_logout()
        {
            using (var program = new Program(null, TimeSpan.FromMilliseconds(300)))
            {
                program.SignIn();
                program.Sees("signed out (agent_silent)");
            }
        }

        [Test]
        private static void after_a_sleep_the_program_checks_then_asks_then_decides()
        {
            var asked = new ManualResetEventSlim();
            var answered = new ManualResetEventSlim();
            Func<string, string> answer = line =>
            {
                asked.Set();
                answered.Wait();
                return PlayedAgent.Json(Messages.Snapshot("A", 5, "A.s1"), more: "etag: \"t\"\r\n");
            };
            using (var program = new Program(answer))
            {
                var before = program.SignIn();
                program.Clock.Pass(60);
                program.Sees("checking");
                Expect.True(asked.Wait(Limit), "the agent is asked");
                Expect.Words("/v1/health /v1/events /v1/health /v1/session", program.Agent.Paths);
                answered.Set();
                var after = program.Agent.NextStream();
                Expect.True(program.Watch.View.IsChecking, "the answer alone does not unlock");
                after.Say(Messages.SnapshotEvent("A", 5, "A.s1"));
                program.Sees("signed in");
                before.Close();
            }
        }

        [Test]
        private static void whoever_asks_first_after_a_sleep_is_told_that_it_is_being_checked()
        {
            using (var program = new Program(line => null))
            {
                program.SignIn();
                program.Clock.Pass(60);
                Expect.True(program.Watch.View.IsChecking, "never signed in");
            }
        }

        [Test]
        private static void the_program_can_have_it_checked_and_is_locked_when_that_returns()
        {
            var ended = Messages.Snapshot("A", 6, null, more: Messages.LastEnd("A.s1", "suspended"));
            using (var program = new Program(line => PlayedAgent.Json(ended)))
            {
                program.SignIn();
                program.Watch.Recheck();
                Expect.True(!program.Watch.View.IsSignedIn, "locked");
                program.Sees("checking");
                program.Sees("signed out (suspended)");
            }
        }

        [Test]
        private static void another_run_of_the_agent_locks()
        {
            using (var program = new Program())
            {
                program.SignIn().Close();
                program.Agent.NextStream().Say(Messages.Event("gap", "B", 1)).Say(Messages.SnapshotEvent("B", 1, "B.s1"));
                program.Sees("signed out (agent_restarted)");
                program.Sees("signed in");
            }
        }

        [Test]
        private static void a_squatter_that_takes_the_port_over_gets_no_token_and_unlocks_nothing()
        {
            using (var program = new Program())
            {
                program.SignIn();
                program.Agent.Proves = false;
                var before = program.Agent.Received.Length;
                program.Watch.Recheck();
                program.Sees("checking");
                SpinWait.SpinUntil(() => program.Watch.LastError != null, Limit);
                Expect.Same(ErrorKind.NotProven, program.Watch.LastError.Kind);
                program.Clock.Pass(3);
                program.Sees("signed out (agent_lost)");
                Expect.True(!program.Agent.Received.Substring(before).Contains(PlayedAgent.Token), "no token");
            }
        }

        [Test]
        private static void nothing_is_said_after_the_end_and_nobody_is_signed_in()
        {
            var program = new Program();
            program.SignIn();
            program.Dispose();
            program.Dispose();
            Expect.True(program.Watch.View.IsChecking, "locked");
            Expect.Same(0, program.Views.Count);
        }
    }
}
