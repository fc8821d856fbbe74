using System;
using System.Collections.Generic;
using System.Linq;
using Cardea.Client.Watching;

namespace Cardea.Client.Tests
{
    /// <summary>Each way a session can end or come into doubt, on clocks that the test moves.</summary>
    internal static class SilenceTests
    {
        private static readonly DateTime Epoch = new DateTime(2026, 1, 5, 9, 0, 0, DateTimeKind.Utc);

        private static Moment At(double seconds, double wall = -1) =>
            new Moment(TimeSpan.FromSeconds(100 + seconds), Epoch.AddSeconds(wall < 0 ? seconds : wall));

        /// <summary>Tells of time and messages; the clock goes on second by second as the watch's does.</summary>
        private sealed class Story
        {
            internal readonly Silence Silence = new Silence(At(0), new[] { "live" });
            private int second;

            internal static Story SignedIn()
            {
                var story = new Story();
                Expect.Words("A.s1", story.Hear(Messages.SnapshotEvent("A", 5, "A.s1")));
                return story;
            }

            internal string[] Hear(string message) => Tell(Silence.Hear(Messages.Read(message), At(second)));

            internal string[] Lose(Loss loss) => Tell(Silence.Lose(loss, At(second)));

            internal string[] Learn(string snapshot) =>
                Tell(Silence.Learn(Messages.ReadSnapshot(snapshot), At(second)));

            internal string[] Pass(int seconds)
            {
                var views = new List<string>();
                for (var passed = 0; passed < seconds; passed++)
                {
                    second++;
                    views.AddRange(Tell(Silence.Tick(At(second))));
                }
                return views.ToArray();
            }

            internal void GoTo(int moment) => second = moment;

            internal string[] News() => Silence.News().Select(Name).ToArray();

            private string[] Tell(bool stale)
            {
                Expect.True(!stale, "the stream is good");
                return News();
            }

            private static string Name(View view) => view.IsSignedIn ? view.Session.Id : view.Reason ?? "checking";
        }

        [Test]
        private static void nobody_is_signed_in_before_a_live_snapshot_says_so()
        {
            var story = new Story();
            Expect.True(story.Silence.View.IsChecking, "checking");
            Expect.Words("", story.Hear(Messages.Event("session.started", "A", 4)));
            Expect.Words("", story.Hear(Messages.Event("heartbeat", "A", 4)));
            Expect.Words("", story.Hear(Messages.SnapshotEvent("A", 4, "A.s1", ",\"replayed\":true")));
            Expect.Words("", story.Learn(Messages.Snapshot("A", 4, "A.s1")));
            Expect.Words("A.s1", story.Hear(Messages.SnapshotEvent("A", 5, "A.s1")));
        }

        [Test]
        private static void an_agent_that_never_answers_is_signed_out_after_three_seconds()
        {
            var story = new Story();
            Expect.Words("", story.Lose(Loss.Closed));
            Expect.Words("", story.Pass(2));
            Expect.Words("agent_lost", story.Pass(1));
            Expect.Words("", story.Pass(10));
        }

        [Test]
        private static void session_ended_locks_at_once_and_the_snapshot_after_it_changes_nothing()
        {
            var story = Story.SignedIn();
            Expect.Words("card_removed", story.Hear(Messages.Ended("A", 6, "card_removed")));
            var after = Messages.Snapshot("A", 6, null, more: Messages.LastEnd("A.s1", "card_removed"));
            Expect.Words("", story.Hear(Messages.Event("snapshot", "A", 6, ",\"snapshot\":" + after)));
        }

        [Test]
        private static void an_unknown_reason_is_an_end_all_the_same()
        {
            foreach (var reason in new[] { "sunspots", null })
            {
                Expect.Words("unknown", Story.SignedIn().Hear(Messages.Ended("A", 6, reason)));
            }
        }

        [Test]
        private static void a_replayed_end_locks_too_and_only_the_live_snapshot_unlocks()
        {
            var story = Story.SignedIn();
            Expect.Words("", story.Lose(Loss.Closed));
            Expect.Words("card_swapped", story.Hear(Messages.Ended("A", 6, "card_swapped", ",\"replayed\":true")));
            Expect.Words("", story.Hear(Messages.Event("session.started", "A", 7, ",\"replayed\":true")));
            Expect.Words("", story.Hear(Messages.SnapshotEvent("A", 7, "A.s2", ",\"replayed\":true")));
            Expect.Words("A.s2", story.Hear(Messages.SnapshotEvent("A", 7, "A.s2")));
        }

        [Test]
        private static void a_snapshot_in_another_state_locks()
        {
            foreach (var state in new[] { "card_present", "signing_in", "unavailable", "levitating" })
            {
                var other = ",\"snapshot\":" + Messages.Snapshot("A", 6, "A.s1", state);
                Expect.Words("not_signed_in", Story.SignedIn().Hear(Messages.Event("snapshot", "A", 6, other)));
            }
        }

        [Test]
        private static void an_active_snapshot_without_a_session_signs_nobody_in()
        {
            var hollow = ",\"snapshot\":" + Messages.Snapshot("A", 5, null, "active");
            Expect.Words("not_signed_in", new Story().Hear(Messages.Event("snapshot", "A", 5, hollow)));
        }

        [Test]
        private static void another_environment_signs_nobody_in()
        {
            foreach (var environment in new[] { "int", "custom", "simulated", "martian" })
            {
                var other = ",\"snapshot\":" + Messages.Snapshot("A", 6, "A.s1", null, environment);
                Expect.Words("other_environment", Story.SignedIn().Hear(Messages.Event("snapshot", "A", 6, other)));
            }
        }

        [Test]
        private static void a_gap_locks_until_the_snapshot_after_it()
        {
            var story = Story.SignedIn();
            Expect.Words("checking", story.Hear(Messages.Event("gap", "A", 9)));
            Expect.Words("A.s1", story.Hear(Messages.SnapshotEvent("A", 9, "A.s1")));
            Expect.Words("checking", story.Hear(Messages.Event("gap", "A", 12)));
            Expect.Words("agent_lost", story.Pass(3));
        }

        [Test]
        private static void another_session_locks_before_it_unlocks()
        {
            Expect.Words("other_session A.s2", Story.SignedIn().Hear(Messages.SnapshotEvent("A", 6, "A.s2")));
        }

        [Test]
        private static void another_boot_locks_whatever_it_says()
        {
            foreach (var name in new[] { "heartbeat", "card.inserted", "gap", "session.started" })
            {
                Expect.Words("agent_restarted", Story.SignedIn().Hear(Messages.Event(name, "B", 1)));
            }
            Expect.Words("agent_restarted B.s1", Story.SignedIn().Hear(Messages.SnapshotEvent("B", 1, "B.s1")));
            Expect.Words("agent_restarted", Story.SignedIn().Learn(Messages.Snapshot("B", 1, "B.s1")));
        }

        [Test]
        private static void an_older_snapshot_does_not_unlock_but_can_lock()
        {
            var story = Story.SignedIn();
            Expect.Words("not_signed_in", story.Hear(Messages.SnapshotEvent("A", 8, null)));
            Expect.Words("", story.Hear(Messages.SnapshotEvent("A", 7, "A.s1")));
            Expect.Words("not_signed_in", Story.SignedIn().Hear(Messages.SnapshotEvent("A", 4, null)));
        }

        [Test]
        private static void a_lost_stream_may_come_back_within_three_seconds()
        {
            var story = Story.SignedIn();
            Expect.Words("", story.Lose(Loss.Closed));
            Expect.Words("", story.Pass(2));
            Expect.Words("A.s1", story.Hear(Messages.SnapshotEvent("A", 6, "A.s1")));
            Expect.Words("", story.Pass(20));
        }

        [Test]
        private static void failing_again_does_not_lengthen_the_three_seconds_nor_does_a_stream_without_snapshot()
        {
            var story = Story.SignedIn();
            story.Lose(Loss.Closed);
            Expect.Words("", story.Pass(1));
            story.Lose(Loss.Closed);
            Expect.Words("", story.Pass(1));
            Expect.Words("", story.Hear(Messages.Event("heartbeat", "A", 5)));
            Expect.Words("agent_lost", story.Pass(1));
            Expect.Words("A.s1", story.Hear(Messages.SnapshotEvent("A", 6, "A.s1")));
        }

        [Test]
        private static void thirty_seconds_of_silence_are_not_followed_by_three_more()
        {
            Expect.Words("agent_silent", Story.SignedIn().Lose(Loss.Silent));
        }

        [Test]
        private static void a_refusal_is_final_until_a_snapshot_comes()
        {
            var story = Story.SignedIn();
            Expect.Words("refused", story.Lose(Loss.Refused));
            Expect.Words("", story.Pass(10));
            Expect.Words("A.s1", story.Hear(Messages.SnapshotEvent("A", 6, "A.s1")));
        }

        [Test]
        private static void sleep_shows_on_the_wall_clock_and_locks_until_the_agent_has_been_asked()
        {
            var story = Story.SignedIn();
            Expect.True(story.Silence.Tick(At(1, 3600)), "the stream is stale");
            Expect.Words("checking", story.News());
            Expect.True(!story.Silence.Learn(
                Messages.ReadSnapshot(Messages.Snapshot("A", 5, "A.s1")), At(2, 3601)), "it is good");
            Expect.Words("", story.News());
            Expect.True(!story.Silence.Hear(Messages.Read(Messages.SnapshotEvent("A", 5, "A.s1")), At(2, 3601)), "it is good");
            Expect.Words("A.s1", story.News());
        }

        [Test]
        private static void what_was_in_the_stream_before_sleep_cannot_unlock_but_can_lock()
        {
            var story = Story.SignedIn();
            Expect.True(story.Silence.Hear(Messages.Read(Messages.SnapshotEvent("A", 6, "A.s1")), At(60)), "stale");
            Expect.Words("checking", story.News());
            story = Story.SignedIn();
            Expect.True(story.Silence.Hear(Messages.Read(Messages.Ended("A", 6, "suspended")), At(60)), "stale");
            Expect.Words("checking suspended", story.News());
        }

        [Test]
        private static void a_process_that_stood_still_asks_anew_and_for_three_seconds_only()
        {
            var story = Story.SignedIn();
            Expect.True(story.Silence.Tick(At(6)), "stale");
            Expect.Words("checking", story.News());
            story.GoTo(6);
            Expect.Words("", story.Lose(Loss.Closed));
            Expect.Words("", story.Pass(2));
            Expect.Words("agent_lost", story.Pass(1));
        }

        [Test]
        private static void the_program_can_ask_for_the_check_itself()
        {
            var story = Story.SignedIn();
            Expect.True(story.Silence.Wake(At(0)), "stale");
            Expect.Words("checking", story.News());
            var ended = Messages.Snapshot("A", 6, null, more: Messages.LastEnd("A.s1", "suspended"));
            Expect.Words("suspended", story.Learn(ended));
        }

        [Test]
        private static void a_wall_clock_set_back_is_no_sleep()
        {
            var story = Story.SignedIn();
            Expect.True(!story.Silence.Tick(new Moment(At(1).Monotonic, Epoch.AddYears(-50))), "good");
            Expect.Words("", story.News());
        }
    }
}
