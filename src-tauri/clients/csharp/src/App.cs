using System;

namespace Cardea.Client
{
    /// <summary>A program that may call the local API.</summary>
    public sealed class App
    {
        /// <summary>Takes the program's id in the agent's list of programs, and its token.</summary>
        public App(string id, Token token)
        {
            if (string.IsNullOrEmpty(id))
            {
                throw new ArgumentException("a program has an id", nameof(id));
            }
            Id = id;
            Token = token ?? throw new ArgumentNullException(nameof(token));
        }

        /// <summary>Its id.</summary>
        public string Id { get; }

        /// <summary>Its token.</summary>
        public Token Token { get; }
    }
}
