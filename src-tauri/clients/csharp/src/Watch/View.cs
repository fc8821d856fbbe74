namespace Cardea.Client
{
    /// <summary>
    /// What a program may show: patient data only while <see cref="IsSignedIn"/>. It never changes; the
    /// next one is another object.
    /// </summary>
    public sealed class View
    {
        private View(Snapshot snapshot, string reason)
        {
            Snapshot = snapshot;
            Reason = reason;
        }

        /// <summary>Not known yet, or not any more: locked until the agent has been asked.</summary>
        public static View Checking { get; } = new View(null, null);

        /// <summary>Whether somebody is signed in. Everything else is locked.</summary>
        public bool IsSignedIn => Snapshot != null;

        /// <summary>Whether the agent is being asked: locked.</summary>
        public bool IsChecking => Snapshot == null && Reason == null;

        /// <summary>The snapshot that says who is signed in; null unless somebody is.</summary>
        public Snapshot Snapshot { get; }

        /// <summary>The session; null unless somebody is signed in.</summary>
        public Session Session => Snapshot?.Session;

        /// <summary>
        /// Why nobody is signed in: the agent's reason for the end (see <see cref="EndReason"/>) or one of
        /// <see cref="SignedOutReason"/>; null while checking or signed in.
        /// </summary>
        public string Reason { get; }

        /// <summary><c>checking</c>, <c>signed in</c>, or <c>signed out</c> with the reason.</summary>
        public override string ToString()
        {
            if (IsSignedIn)
            {
                return "signed in";
            }
            return IsChecking ? "checking" : "signed out (" + Reason + ")";
        }

        internal static View SignedIn(Snapshot snapshot) => new View(snapshot, null);

        internal static View SignedOut(string reason) => new View(null, reason);

        internal bool ShowsTheSameAs(View other) =>
            Reason == other.Reason && Snapshot?.Boot == other.Snapshot?.Boot
            && Snapshot?.Revision == other.Snapshot?.Revision && Session?.Id == other.Session?.Id;
    }
}
