using System;
using System.Collections.Generic;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>A snapshot with the tag to ask for the next one by.</summary>
    public sealed class TaggedSnapshot
    {
        internal TaggedSnapshot(Answer answer)
        {
            Tag = answer.Tag ?? throw CardeaException.NotUnderstood();
            Snapshot = new Snapshot(answer.Json());
        }

        /// <summary>The snapshot.</summary>
        public Snapshot Snapshot { get; }

        /// <summary>Its <c>ETag</c>; opaque.</summary>
        public string Tag { get; }
    }

    /// <summary>What the agent knows of the calling program.</summary>
    public sealed class AppInfo
    {
        internal AppInfo(Json content)
        {
            Id = content.Text("id");
            Name = content.Text("name");
            Scopes = content.Texts("scopes");
            Version = content.TextOrNull("version");
            Features = content.Texts("features");
        }

        /// <summary>Its id.</summary>
        public string Id { get; }

        /// <summary>Its name as the user knows it.</summary>
        public string Name { get; }

        /// <summary>What it may do.</summary>
        public IReadOnlyList<string> Scopes { get; }

        /// <summary>The agent's version.</summary>
        public string Version { get; }

        /// <summary>What this agent can do beyond the first version of the API.</summary>
        public IReadOnlyList<string> Features { get; }
    }

    /// <summary>
    /// The session's tokens, for programs with <c>tokens:read</c>. Whoever has the ID token can show it
    /// as their own until it expires: drop it when the session ends, and never write it down.
    /// </summary>
    public sealed class SessionTokens
    {
        internal SessionTokens(Json content)
        {
            SessionId = content.Text("session_id");
            IdToken = content.Text("id_token");
            Expires = DateTimeOffset.FromUnixTimeSeconds(content.Number("exp"));
            Sid = content.TextOrNull("sid");
            ClientId = content.Text("client_id");
            Issuer = content.Text("issuer");
            AccessToken = content.TextOrNull("access_token");
        }

        /// <summary>Whose they are.</summary>
        public string SessionId { get; }

        /// <summary>The ID token as CIS2 signed it; verify it on your server.</summary>
        public string IdToken { get; }

        /// <summary>Its <c>exp</c>.</summary>
        public DateTimeOffset Expires { get; }

        /// <summary>CIS2's name for its own session.</summary>
        public string Sid { get; }

        /// <summary>The ID token's <c>aud</c>.</summary>
        public string ClientId { get; }

        /// <summary>The ID token's <c>iss</c>.</summary>
        public string Issuer { get; }

        /// <summary>The access token, where the settings give it out.</summary>
        public string AccessToken { get; }

        /// <summary>Says that they are some, and not which.</summary>
        public override string ToString() => "SessionTokens([redacted])";
    }
}
