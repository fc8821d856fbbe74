using System;
using System.Security.Cryptography;
using System.Text;

namespace Cardea.Client.Wire
{
    /// <summary>The proof that the program on a port is this user's agent (contract, section 4.1).</summary>
    internal static class Proof
    {
        /// <summary>A number used once.</summary>
        internal static string DrawNonce()
        {
            var bytes = new byte[32];
            using (var random = RandomNumberGenerator.Create())
            {
                random.GetBytes(bytes);
            }
            return Encode(bytes);
        }

        /// <summary>
        /// Whether <paramref name="proof"/> is HMAC-SHA256 over <c>nonce|boot|port</c>, keyed with the
        /// token's SHA-256, in base64url. Compares in constant time.
        /// </summary>
        internal static bool Holds(string proof, Token token, string nonce, string boot, int port)
        {
            using (var hmac = new HMACSHA256(token.Hash()))
            {
                var expected = Encode(hmac.ComputeHash(Encoding.UTF8.GetBytes(nonce + "|" + boot + "|" + port)));
                return AreSame(expected, proof ?? "");
            }
        }

        private static bool AreSame(string expected, string given)
        {
            var difference = expected.Length ^ given.Length;
            for (var at = 0; at < expected.Length; at++)
            {
                difference |= expected[at] ^ (at < given.Length ? given[at] : 0);
            }
            return difference == 0;
        }

        private static string Encode(byte[] bytes) =>
            Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    }
}
