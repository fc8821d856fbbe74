using System.Linq;

namespace Cardea.Client
{
    /// <summary>Why a program shows nobody as signed in, when it is not the agent that gave the reason.</summary>
    public static class SignedOutReason
    {
        /// <summary>The agent says that nobody is signed in.</summary>
        public const string NotSignedIn = "not_signed_in";

        /// <summary>Another session has taken its place.</summary>
        public const string OtherSession = "other_session";

        /// <summary>Another run of the agent answers; the session was the old one's.</summary>
        public const string AgentRestarted = "agent_restarted";

        /// <summary>The agent could not be reached for 3 s.</summary>
        public const string AgentLost = "agent_lost";

        /// <summary>The agent said nothing for 30 s.</summary>
        public const string AgentSilent = "agent_silent";

        /// <summary>The agent does not let this program see the session (any more).</summary>
        public const string Refused = "refused";

        /// <summary>The agent works with another CIS2 environment than the program is meant for.</summary>
        public const string OtherEnvironment = "other_environment";
    }

    /// <summary>The agent's reasons for the end of a session.</summary>
    public static class EndReason
    {
        /// <summary>A reason that a newer agent gives and this program does not know: ended all the same.</summary>
        public const string Unknown = "unknown";

        private static readonly string[] Known =
        {
            "card_removed", "card_swapped", "reader_removed", "card_service_lost", "user_logout", "app_logout",
            "idle_timeout", "lifetime_exceeded", "workstation_locked", "suspended", "session_disconnected",
            "os_logoff", "replaced", "remote_logout", "policy_changed", "agent_stopping",
        };

        internal static string Named(string name) => Known.Contains(name) ? name : Unknown;
    }
}
