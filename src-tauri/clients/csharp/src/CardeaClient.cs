using System;
using System.Globalization;
using System.Threading;
using System.Threading.Tasks;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>What a login is to do.</summary>
    public enum LoginMode
    {
        /// <summary>Sign in; refused when somebody is.</summary>
        SignIn,

        /// <summary>Let the user who is signed in sign in again.</summary>
        Reauthenticate,

        /// <summary>Let the user who is signed in choose another role.</summary>
        ChangeRole,
    }

    /// <summary>
    /// A client of this user's agent. Safe to use from several threads; it holds no connection between
    /// calls. On every connection the other end first proves that it is the agent that knows this
    /// program's token (contract, section 4.1); only then is the token sent on it. Every call ends
    /// within a time limit, with a <see cref="CardeaException"/> when it came to nothing, and runs on a
    /// thread of its own, so that a busy thread pool does not hold it up.
    /// </summary>
    public sealed partial class CardeaClient
    {
        private CardeaClient(Route route, App app)
        {
            Exchange = new Exchange(route, app);
        }

        internal Exchange Exchange { get; }

        /// <summary>
        /// A client that finds the agent by its endpoint file, again for each call: a restarted agent may
        /// be on another port. Without <paramref name="app"/> it can only ask whether the agent is there,
        /// and pair.
        /// </summary>
        public static CardeaClient Discover(App app = null) => new CardeaClient(Route.ByFile(Endpoint.File), app);

        /// <summary>The same with an endpoint file elsewhere.</summary>
        public static CardeaClient ByEndpointFile(string file, App app = null) => new CardeaClient(Route.ByFile(() => file), app);

        /// <summary>A client at an address of this computer, for instance <c>http://127.0.0.1:28080</c>.</summary>
        /// <exception cref="ArgumentException">It is not on this computer's loopback.</exception>
        public static CardeaClient At(string url, App app = null) => new CardeaClient(Route.To(url), app);

        /// <summary>
        /// A client that tries the twenty ports from 28080, for programs that cannot read the endpoint
        /// file: the first to prove that it is the agent is it.
        /// </summary>
        public static CardeaClient OnAnyPort(App app)
        {
            if (app == null)
            {
                throw new ArgumentNullException(nameof(app));
            }
            return new CardeaClient(Route.ByPorts(), app);
        }

        /// <summary>Ends without an error when the agent is there and, with an app, has proven itself.</summary>
        public Task CheckAsync(CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Get("/v1/health"), answer => answer.Status, cancel);

        /// <summary>Asks what the agent knows of this program.</summary>
        public Task<AppInfo> AppAsync(CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Get("/v1/app"), answer => new AppInfo(answer.Json()), cancel);

        /// <summary>Gives this program's token back: it is good for nothing from then on.</summary>
        public Task UnpairAsync(CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Delete("/v1/app"), answer => answer.Status, cancel);

        /// <summary>
        /// Asks for the snapshot of now. A program that polls asks at least every 10 s and treats an error
        /// as the end of the session; <see cref="SessionWatch"/> is quicker and does the rest too.
        /// </summary>
        public Task<TaggedSnapshot> SessionAsync(CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Get("/v1/session"), answer => new TaggedSnapshot(answer), cancel);

        /// <summary>
        /// Waits at most <paramref name="wait"/> (whole seconds, 25 at most; zero to ask only) for a
        /// snapshot with another tag than <paramref name="tag"/>; null when there was no other.
        /// </summary>
        public Task<TaggedSnapshot> SessionChangeAsync(
            string tag, TimeSpan wait, CancellationToken cancel = default(CancellationToken))
        {
            var limited = wait < Limits.LongestWait ? wait : Limits.LongestWait;
            var seconds = (int)Math.Max(0, Math.Floor(limited.TotalSeconds));
            var query = seconds == 0 ? "" : "?wait=" + seconds.ToString(CultureInfo.InvariantCulture);
            var request = Request.Changed("/v1/session" + query, tag);
            return Run(
                () =>
                {
                    var answer = Exchange.Ask(request, Limits.Request + TimeSpan.FromSeconds(seconds), cancel);
                    return answer.Status == 304 ? null : new TaggedSnapshot(answer);
                },
                cancel);
        }

        /// <summary>Starts a login, or joins the one under way; gives the attempt's id.</summary>
        /// <exception cref="CardeaException">
        /// <c>already_signed_in</c>, <c>card_not_recognised</c>, <c>rate_limited</c> or one of the agent's failures.
        /// </exception>
        public Task<string> LoginAsync(
            LoginMode mode = LoginMode.SignIn, CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Post("/v1/session/login", LoginBody(mode)), answer => answer.Json().Text("attempt"), cancel);

        /// <summary>Signs out: whichever session there is, or only the one named.</summary>
        /// <exception cref="CardeaException"><c>session_mismatch</c> when another session is running.</exception>
        public Task LogoutAsync(string sessionId = null, CancellationToken cancel = default(CancellationToken))
        {
            var body = sessionId == null ? "{}" : "{\"session_id\":" + Json.Quote(sessionId) + "}";
            return Ask(Request.Post("/v1/session/logout", body), answer => answer.Status, cancel);
        }

        /// <summary>Says that the user is busy in this program. The agent counts it once in 30 s.</summary>
        public Task ActivityAsync(CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Post("/v1/session/activity", "{}"), answer => answer.Status, cancel);

        /// <summary>The session's tokens, for programs with <c>tokens:read</c>.</summary>
        /// <exception cref="CardeaException"><c>no_session</c> or <c>token_expired</c>.</exception>
        public Task<SessionTokens> TokensAsync(CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Get("/v1/session/tokens"), answer => new SessionTokens(answer.Json()), cancel);

        /// <summary>Opens Cardea's window.</summary>
        public Task OpenWindowAsync(CancellationToken cancel = default(CancellationToken)) =>
            Ask(Request.Post("/v1/window", "{}"), answer => answer.Status, cancel);

        private static string LoginBody(LoginMode mode)
        {
            switch (mode)
            {
                case LoginMode.Reauthenticate: return "{\"reauthenticate\":true}";
                case LoginMode.ChangeRole: return "{\"change_role\":true}";
                default: return "{}";
            }
        }

        private Task<T> Ask<T>(Request request, Func<Answer, T> read, CancellationToken cancel) =>
            Run(() => read(Exchange.Ask(request, Limits.Request, cancel)), cancel);

        private static Task<T> Run<T>(Func<T> work, CancellationToken cancel) => Task.Factory.StartNew(
            work, cancel, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }
}
