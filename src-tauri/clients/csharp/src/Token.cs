using System;
using System.Linq;
using System.Security.Cryptography;
using System.Text;

namespace Cardea.Client
{
    /// <summary>
    /// A program's token for the local API. It is held as an ordinary string for as long as this
    /// object lives (.NET cannot wipe it); it is in no message of an exception and no <c>ToString</c>.
    /// </summary>
    public sealed class Token
    {
        private const int Longest = 128;
        private readonly string text;

        /// <summary>Takes the token as pairing or the administrator gave it.</summary>
        /// <exception cref="ArgumentException">It could not be sent as one; it is not repeated.</exception>
        public Token(string text)
        {
            var isOne = !string.IsNullOrEmpty(text) && text.Length <= Longest
                && text.All(letter => letter > ' ' && letter < '\u007f');
            if (!isOne)
            {
                throw new ArgumentException("a token is 1 to 128 visible ASCII characters");
            }
            this.text = text;
        }

        /// <summary>The token itself, to be kept where only this user can read it.</summary>
        public string Expose() => text;

        /// <summary>Says that it is one, and not which.</summary>
        public override string ToString() => "Token([redacted])";

        /// <summary>What the agent keeps of it: SHA-256, the key of its proof.</summary>
        internal byte[] Hash()
        {
            // The managed ones are not allowed on computers with the FIPS policy.
            using (var sha = new SHA256CryptoServiceProvider())
            {
                return sha.ComputeHash(Encoding.ASCII.GetBytes(text));
            }
        }
    }
}
