using System;

namespace Cardea.Client.Wire
{
    /// <summary>How long and how large anything may be.</summary>
    internal static class Limits
    {
        /// <summary>No answer and no message of the agent is longer, in bytes.</summary>
        internal const int LongestAnswer = 1 << 20;

        /// <summary>No status line with headers is longer, in bytes.</summary>
        internal const int LongestHead = 16 * 1024;

        /// <summary>So long a request may take beyond what it asks the agent to wait.</summary>
        internal static TimeSpan Request => TimeSpan.FromSeconds(5);

        /// <summary>The longest wait the agent grants.</summary>
        internal static TimeSpan LongestWait => TimeSpan.FromSeconds(25);

        /// <summary>So long without a byte, and the agent counts as gone (contract, section 4.4).</summary>
        internal static TimeSpan LongestSilence => TimeSpan.FromSeconds(30);

        /// <summary>So long a program waits for the user to approve it; the agent gives two minutes.</summary>
        internal static TimeSpan Pairing => TimeSpan.FromMinutes(3);
    }
}
