using System;
using System.Collections.Generic;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>
    /// Everything there is to know, at one moment (contract, section 3.1). What does not apply is null.
    /// </summary>
    public sealed class Snapshot
    {
        internal Snapshot(Json content)
        {
            Boot = content.Text("boot");
            Revision = content.Number("revision");
            Environment = content.Text("environment");
            Issuer = content.TextOrNull("issuer");
            State = content.Text("state");
            Since = content.Time("since");
            Readers = content.Objects("readers", one => new Reader(one));
            Login = content.ObjectOrNull("login", one => new LoginProgress(one));
            Session = content.ObjectOrNull("session", one => new Session(one));
            LastEnd = content.ObjectOrNull("last_end", one => new SessionEnd(one));
            Failure = content.ObjectOrNull("failure", one => new Failure(one));
        }

        /// <summary>This run of the agent.</summary>
        public string Boot { get; }

        /// <summary>Grows by one with each change.</summary>
        public long Revision { get; }

        /// <summary>Which CIS2: <c>live</c>, <c>int</c>, <c>custom</c> or <c>simulated</c>.</summary>
        public string Environment { get; }

        /// <summary>The issuer, byte for byte.</summary>
        public string Issuer { get; }

        /// <summary>
        /// <c>unavailable</c>, <c>no_reader</c>, <c>no_card</c>, <c>card_present</c>, <c>signing_in</c> or
        /// <c>active</c>; any other means not signed in.
        /// </summary>
        public string State { get; }

        /// <summary>When <see cref="State"/> became what it is.</summary>
        public DateTimeOffset Since { get; }

        /// <summary>All readers.</summary>
        public IReadOnlyList<Reader> Readers { get; }

        /// <summary>The login under way.</summary>
        public LoginProgress Login { get; }

        /// <summary>The session, when <see cref="State"/> is <c>active</c>.</summary>
        public Session Session { get; }

        /// <summary>How the last session of this run ended.</summary>
        public SessionEnd LastEnd { get; }

        /// <summary>What is wrong, until its cause ends or the next attempt starts.</summary>
        public Failure Failure { get; }

        /// <summary>The session; null unless somebody is signed in.</summary>
        internal Session ActiveSession => State == "active" ? Session : null;
    }

    /// <summary>A reader.</summary>
    public sealed class Reader
    {
        internal Reader(Json content)
        {
            Name = content.Text("name");
            State = content.Text("state");
            var card = content.ObjectOrNull("card");
            CardRecognised = card?.Flag("recognised") ?? false;
            CardName = card?.TextOrNull("name");
        }

        /// <summary>Its name as it can be shown.</summary>
        public string Name { get; }

        /// <summary><c>empty</c>, <c>present</c>, <c>mute</c>, <c>ignored</c> or <c>unavailable</c>.</summary>
        public string State { get; }

        /// <summary>Whether a pattern knows the card in it.</summary>
        public bool CardRecognised { get; }

        /// <summary>What the pattern calls the card; null when none knows it.</summary>
        public string CardName { get; }
    }

    /// <summary>A login under way.</summary>
    public sealed class LoginProgress
    {
        internal LoginProgress(Json content)
        {
            Attempt = content.Text("attempt");
            StartedAt = content.Time("started_at");
            Waiting = content.Text("waiting");
        }

        /// <summary>Which attempt.</summary>
        public string Attempt { get; }

        /// <summary>Since when.</summary>
        public DateTimeOffset StartedAt { get; }

        /// <summary>What it waits for: <c>port</c>, <c>browser</c> or <c>provider</c>.</summary>
        public string Waiting { get; }
    }

    /// <summary>How a session ended.</summary>
    public sealed class SessionEnd
    {
        internal SessionEnd(Json content)
        {
            SessionId = content.Text("session_id");
            Reason = content.Text("reason");
            At = content.Time("at");
        }

        /// <summary>Which session.</summary>
        public string SessionId { get; }

        /// <summary>Why, for instance <c>card_removed</c>.</summary>
        public string Reason { get; }

        /// <summary>When.</summary>
        public DateTimeOffset At { get; }
    }

    /// <summary>What is wrong at the agent.</summary>
    public sealed class Failure
    {
        internal Failure(Json content)
        {
            Code = content.Text("code");
            Message = content.Text("message");
            Remedy = content.Text("remedy");
        }

        /// <summary>Names it, for instance <c>card_service_stopped</c>.</summary>
        public string Code { get; }

        /// <summary>What happened, for the clinician.</summary>
        public string Message { get; }

        /// <summary>What to do, for the help desk.</summary>
        public string Remedy { get; }
    }
}
