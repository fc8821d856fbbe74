using System.Text;
using Cardea.Client.Wire;

namespace Cardea.Client.Tests
{
    /// <summary>Messages as the agent writes them.</summary>
    internal static class Messages
    {
        private const string At = "\"at\":\"2026-01-05T09:00:00.123Z\"";

        internal static string Event(string name, string boot, int revision, string more = "") =>
            "{\"event\":\"" + name + "\",\"boot\":\"" + boot + "\",\"revision\":" + revision + "," + At + more + "}";

        internal static string Ended(string boot, int revision, string reason, string more = "") =>
            Event("session.ended", boot, revision, (reason == null ? "" : ",\"reason\":\"" + reason + "\"") + more);

        /// <summary>With somebody signed in when there is a session.</summary>
        internal static string SnapshotEvent(string boot, int revision, string session, string more = "") =>
            Event("snapshot", boot, revision, more + ",\"snapshot\":" + Snapshot(boot, revision, session));

        internal static string Snapshot(
            string boot, int revision, string session, string state = null, string environment = "live", string more = "")
        {
            var since = "\"2026-01-05T09:00:00.123Z\"";
            var text = "{\"boot\":\"" + boot + "\",\"revision\":" + revision + ",\"environment\":\"" + environment
                + "\",\"issuer\":\"https://cis2.example:443/x\",\"state\":\"" + (state ?? (session == null ? "card_present" : "active"))
                + "\",\"since\":" + since + ",\"readers\":[{\"name\":\"R\",\"state\":\"empty\"}]" + more;
            if (session != null)
            {
                text += ",\"session\":{\"id\":\"" + session + "\",\"started_at\":" + since + ",\"expires_at\":" + since
                    + ",\"idle_expires_at\":" + since + ",\"id_token_expires_at\":" + since + ",\"card_bound\":true,"
                    + "\"readers\":[\"R\"],\"acr\":\"AAL3_ANY\",\"amr\":[\"N3_SMARTCARD\"],\"auth_time\":" + since
                    + ",\"authentication_assurance_level\":3,\"id_assurance_level\":3,\"user\":{\"id\":\"555\","
                    + "\"name\":\"Ann Example\",\"selected_roleid\":\"r1\",\"roles\":[{\"person_roleid\":\"r1\","
                    + "\"display_name\":\"Nurse\",\"activity_codes\":[\"B1\"]}]}}";
            }
            return text + "}";
        }

        internal static string LastEnd(string session, string reason) =>
            ",\"last_end\":{\"session_id\":\"" + session + "\",\"reason\":\"" + reason + "\"," + At + "}";

        internal static StreamEvent Read(string message) => new StreamEvent(Parse(message));

        internal static Snapshot ReadSnapshot(string snapshot) => new Snapshot(Parse(snapshot));

        internal static Json Parse(string text) => Json.Parse(Encoding.UTF8.GetBytes(text));
    }
}
