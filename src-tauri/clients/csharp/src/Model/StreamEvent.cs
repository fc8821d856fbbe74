using System;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>One message of the event stream, with what applies to it (contract, section 4.3).</summary>
    public sealed class StreamEvent
    {
        internal StreamEvent(Json content)
        {
            Name = content.Text("event");
            Boot = content.Text("boot");
            Revision = content.Number("revision");
            At = content.Time("at");
            Replayed = content.Flag("replayed");
            SessionId = content.TextOrNull("session_id");
            Reason = content.TextOrNull("reason");
            Attempt = content.TextOrNull("attempt");
            Code = content.TextOrNull("code");
            Reader = content.TextOrNull("reader");
            ExpiresAt = content.TimeOrNull("expires_at");
            Snapshot = content.ObjectOrNull("snapshot", one => new Snapshot(one));
        }

        /// <summary>Which event, for instance <c>session.ended</c>; a newer agent may have more.</summary>
        public string Name { get; }

        /// <summary>The run of the agent.</summary>
        public string Boot { get; }

        /// <summary>The revision it led to.</summary>
        public long Revision { get; }

        /// <summary>When it happened.</summary>
        public DateTimeOffset At { get; }

        /// <summary>Whether it happened while the stream was away, and is told now.</summary>
        public bool Replayed { get; }

        /// <summary>The session it is about.</summary>
        public string SessionId { get; }

        /// <summary>Why the session ended or will end.</summary>
        public string Reason { get; }

        /// <summary>The login attempt it is about.</summary>
        public string Attempt { get; }

        /// <summary>Why the login failed.</summary>
        public string Code { get; }

        /// <summary>The reader it is about.</summary>
        public string Reader { get; }

        /// <summary>When the session or the tokens expire.</summary>
        public DateTimeOffset? ExpiresAt { get; }

        /// <summary>Everything as it is now, with the event <c>snapshot</c>.</summary>
        public Snapshot Snapshot { get; }
    }
}
