using System;
using System.Collections.Generic;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>A pairing under way: the program shows <see cref="Code"/>, the user types it into Cardea.</summary>
    public sealed class Pairing
    {
        internal Pairing(Json content)
        {
            Id = content.Text("id");
            Code = content.Text("code");
            ClaimSecret = content.Text("claim_secret");
        }

        /// <summary>Names it.</summary>
        public string Id { get; }

        /// <summary>Six digits, good for two minutes.</summary>
        public string Code { get; }

        /// <summary>What the program fetches its token by; nobody else's business.</summary>
        internal string ClaimSecret { get; }
    }

    /// <summary>The program has been let in. Its token is told this once: keep it where only this user can read it.</summary>
    public sealed class PairedApp
    {
        internal PairedApp(Json content)
        {
            App = new App(content.Text("app"), TokenOf(content));
            Name = content.Text("name");
            Scopes = content.Texts("scopes");
        }

        /// <summary>The program's id and token.</summary>
        public App App { get; }

        /// <summary>Its name as the user saw it.</summary>
        public string Name { get; }

        /// <summary>What it may do.</summary>
        public IReadOnlyList<string> Scopes { get; }

        private static Token TokenOf(Json content)
        {
            try
            {
                return new Token(content.Text("token"));
            }
            catch (ArgumentException)
            {
                throw CardeaException.NotUnderstood();
            }
        }
    }

    /// <summary>What came of fetching the token.</summary>
    public sealed class PairingClaim
    {
        internal PairingClaim(Answer answer)
        {
            if (answer.Status == 200)
            {
                PairedApp = new PairedApp(answer.Json());
            }
            RetryAfter = answer.RetryAfter ?? TimeSpan.FromSeconds(2);
        }

        /// <summary>The program, let in; null while the user has not answered.</summary>
        public PairedApp PairedApp { get; }

        /// <summary>When to ask again.</summary>
        public TimeSpan RetryAfter { get; }
    }
}
