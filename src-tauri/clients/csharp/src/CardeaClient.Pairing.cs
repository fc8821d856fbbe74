using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    public sealed partial class CardeaClient
    {
        /// <summary>
        /// Asks to be let in. Show the user the <see cref="Pairing.Code"/>, then
        /// <see cref="WaitUntilPairedAsync"/>. There is no proof yet whom the program asks: pair by
        /// <see cref="Discover"/> only, whose endpoint file no other user can have written.
        /// </summary>
        /// <param name="name">What the program calls itself: 40 printable characters at most.</param>
        /// <param name="scopes">What it wants to do, for instance <c>session:read</c>; never <c>tokens:read</c>.</param>
        /// <param name="cancel">Gives up.</param>
        /// <exception cref="CardeaException"><c>pairing_off</c>, <c>pairing_busy</c>, <c>rate_limited</c> or <c>bad_request</c>.</exception>
        public Task<Pairing> AskToPairAsync(
            string name, IEnumerable<string> scopes, CancellationToken cancel = default(CancellationToken))
        {
            var wanted = string.Join(",", scopes.Select(Json.Quote));
            var body = "{\"name\":" + Json.Quote(name) + ",\"scopes\":[" + wanted + "]}";
            return Ask(Request.Post("/v1/pairings", body), answer => new Pairing(answer.Json()), cancel);
        }

        /// <summary>Fetches the token once. A second time takes it back: two have the secret then.</summary>
        /// <exception cref="CardeaException"><c>pairing_declined</c> or <c>pairing_expired</c>.</exception>
        public Task<PairingClaim> ClaimAsync(Pairing pairing, CancellationToken cancel = default(CancellationToken)) =>
            Ask(Claim(pairing), answer => new PairingClaim(answer), cancel);

        /// <summary>Waits until the user has answered, three minutes at most.</summary>
        /// <exception cref="CardeaException"><c>pairing_declined</c> or <c>pairing_expired</c>.</exception>
        public async Task<PairedApp> WaitUntilPairedAsync(
            Pairing pairing, CancellationToken cancel = default(CancellationToken))
        {
            var deadline = new Deadline(Limits.Pairing);
            while (true)
            {
                var claim = await ClaimAsync(pairing, cancel).ConfigureAwait(false);
                if (claim.PairedApp != null)
                {
                    return claim.PairedApp;
                }
                var pause = Math.Min(deadline.Left(), (int)claim.RetryAfter.TotalMilliseconds);
                await Task.Delay(pause, cancel).ConfigureAwait(false);
            }
        }

        private static Request Claim(Pairing pairing)
        {
            var path = "/v1/pairings/" + Uri.EscapeDataString(pairing.Id) + "/token";
            return Request.Post(path, "{\"claim_secret\":" + Json.Quote(pairing.ClaimSecret) + "}");
        }
    }
}
