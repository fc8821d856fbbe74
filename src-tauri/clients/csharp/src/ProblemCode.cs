namespace Cardea.Client
{
    /// <summary>
    /// Names of the agent's problems, as in <see cref="CardeaException.Code"/>. The agent's failures,
    /// such as <c>card_not_recognised</c>, come there too, and a newer agent may have more.
    /// </summary>
    public static class ProblemCode
    {
        /// <summary>The request is not one.</summary>
        public const string BadRequest = "bad_request";

        /// <summary>No token came.</summary>
        public const string TokenMissing = "token_missing";

        /// <summary>The token is nobody's.</summary>
        public const string TokenInvalid = "token_invalid";

        /// <summary>The token was taken back.</summary>
        public const string TokenRevoked = "token_revoked";

        /// <summary>The program may not do this.</summary>
        public const string ScopeMissing = "scope_missing";

        /// <summary>There is no such thing.</summary>
        public const string NotFound = "not_found";

        /// <summary>Too often.</summary>
        public const string RateLimited = "rate_limited";

        /// <summary>Too many at once.</summary>
        public const string TooManyConnections = "too_many_connections";

        /// <summary>Somebody is signed in already.</summary>
        public const string AlreadySignedIn = "already_signed_in";

        /// <summary>Nobody is signed in.</summary>
        public const string NoSession = "no_session";

        /// <summary>Another session than the one named is running.</summary>
        public const string SessionMismatch = "session_mismatch";

        /// <summary>The ID token has expired.</summary>
        public const string TokenExpired = "token_expired";

        /// <summary>Programs cannot be paired on this computer.</summary>
        public const string PairingOff = "pairing_off";

        /// <summary>The user said no.</summary>
        public const string PairingDeclined = "pairing_declined";

        /// <summary>Nobody answered in time, or it was taken already.</summary>
        public const string PairingExpired = "pairing_expired";

        /// <summary>Another pairing is waiting.</summary>
        public const string PairingBusy = "pairing_busy";
    }
}
