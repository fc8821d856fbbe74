using System;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;
using Cardea.Client.Wire;

namespace Cardea.Client.Tests
{
    /// <summary>Requests and answers, at a played agent.</summary>
    internal static class ClientTests
    {
        private static Snapshot Ask(string answer)
        {
            using (var agent = new PlayedAgent(line => answer))
            {
                return agent.Client().SessionAsync().Result.Snapshot;
            }
        }

        private static string Answer(string headers, string body) => "HTTP/1.1 200 OK\r\netag: \"t\"\r\n" + headers + "\r\n" + body;

        [Test]
        private static void the_token_is_sent_only_after_the_proof_and_on_each_connection_anew()
        {
            using (var agent = new PlayedAgent())
            {
                var client = agent.Client();
                client.ActivityAsync().Wait();
                client.ActivityAsync().Wait();
                Expect.Words("/v1/health /v1/session/activity /v1/health /v1/session/activity", agent.Paths);
                var heads = agent.Received.Split(new[] { "GET /v1/health" }, StringSplitOptions.RemoveEmptyEntries);
                foreach (var head in heads)
                {
                    Expect.True(head.IndexOf(PlayedAgent.Token) > head.IndexOf("POST "), "the token comes after the proof");
                }
            }
        }

        [Test]
        private static void a_squatter_never_gets_the_token()
        {
            using (var squatter = new PlayedAgent { Proves = false })
            {
                Expect.Error(ErrorKind.NotProven, () => squatter.Client().SessionAsync().Wait());
                Expect.Words("/v1/health", squatter.Paths);
                Expect.True(!squatter.Received.Contains(PlayedAgent.Token), "it got no token");
            }
        }

        [Test]
        private static void a_squatter_that_asks_the_agent_for_the_proof_gets_one_of_another_port()
        {
            using (var agent = new PlayedAgent())
            using (var squatter = new PlayedAgent { ProvenPort = agent.Port })
            {
                Expect.Error(ErrorKind.NotProven, () => squatter.Client().SessionAsync().Wait());
                Expect.True(!squatter.Received.Contains(PlayedAgent.Token), "it got no token");
            }
        }

        [Test]
        private static void a_program_without_a_proof_of_any_kind_gets_no_token()
        {
            foreach (var answer in new[] { "{}", "{\"status\":\"ok\"}", "{\"boot\":\"A\"}", "{\"boot\":\"A\",\"proof\":\"\"}" })
            {
                using (var agent = new RawServer(PlayedAgent.Json(answer)))
                {
                    var client = CardeaClient.At(agent.Url, new App("emis", new Token(PlayedAgent.Token)));
                    Expect.Error(ErrorKind.NotProven, () => client.SessionAsync().Wait());
                    Expect.True(!agent.Received.Contains(PlayedAgent.Token), "it got no token");
                }
            }
        }

        [Test]
        private static void an_app_id_cannot_add_to_the_query()
        {
            using (var agent = new PlayedAgent())
            {
                CardeaClient.At(agent.Url, new App("a&nonce=b /\r\nx: y", new Token(PlayedAgent.Token))).CheckAsync().Wait();
                Expect.True(agent.Received.StartsWith("GET /v1/health?app=a%26nonce%3Db%20%2F%0D%0Ax%3A%20y&nonce="), agent.Received);
            }
        }

        [Test]
        private static void answers_of_a_known_length_and_in_chunks_read_the_same()
        {
            var body = Messages.Snapshot("A", 5, "A.s1");
            Expect.Same("A.s1", Ask(Answer("content-length: " + body.Length + "\r\n", body)).Session.Id);
            var half = body.Length / 2;
            var chunks = half.ToString("X") + ";x=y\r\n" + body.Substring(0, half) + "\r\n"
                + (body.Length - half).ToString("x") + "\r\n" + body.Substring(half) + "\r\n0\r\ntrailer: t\r\n\r\n";
            Expect.Same("A.s1", Ask(Answer("Transfer-Encoding: chunked\r\n", chunks)).Session.Id);
        }

        [Test]
        private static void what_the_agent_would_not_write_is_not_read()
        {
            var body = Messages.Snapshot("A", 5, "A.s1");
            var length = "content-length: " + body.Length + "\r\n";
            foreach (var answer in new[]
            {
                "HTTP/1.0 200 OK\r\n" + length + "\r\n" + body,
                "HTTP/1.1 2000 OK\r\n" + length + "\r\n" + body,
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n" + length + "\r\n" + body,
                Answer("", body),
                Answer(length + length, body),
                Answer(length + "transfer-encoding: chunked\r\n", body),
                Answer("transfer-encoding: gzip, chunked\r\n", body),
                Answer("content-length: +5\r\n", body),
                Answer("content-length: 99999999\r\n", body),
                Answer(" folded: x\r\n" + length, body),
                Answer("two words: x\r\n" + length, body),
                Answer("no colon\r\n" + length, body),
                Answer("bare: line feed\n" + length, body),
                Answer("long: " + new string('x', Limits.LongestHead) + "\r\n" + length, body),
                Answer("transfer-encoding: chunked\r\n", "-1\r\n" + body),
                Answer("transfer-encoding: chunked\r\n", "FFFFFFFF\r\n" + body),
                Answer("transfer-encoding: chunked\r\n", "1\r\nxy\r\n"),
                Answer("transfer-encoding: chunked\r\n", string.Concat(Enumerable.Repeat("40000\r\n" + new string(' ', 0x40000) + "\r\n", 6))),
                PlayedAgent.Json("[]", more: "etag: \"t\"\r\n"),
            })
            {
                Expect.Error(ErrorKind.Answer, () => Ask(answer));
            }
        }

        [Test]
        private static void an_answer_that_breaks_off_is_a_broken_connection()
        {
            using (var agent = new RawServer("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{}"))
            {
                Expect.Error(ErrorKind.Connection, () => CardeaClient.At(agent.Url).CheckAsync().Wait());
            }
        }

        [Test]
        private static void a_problem_comes_with_its_code_and_remedy()
        {
            const string document = "{\"type\":\"about:blank\",\"title\":\"Conflict\",\"status\":409,"
                + "\"detail\":\"Somebody is signed in already.\",\"code\":\"already_signed_in\",\"remedy\":\"Sign out first.\"}";
            using (var agent = new PlayedAgent(line => PlayedAgent.Json(document, "409 Conflict", "retry-after: 7\r\n")))
            {
                var error = Expect.Error(ErrorKind.Problem, () => agent.Client().LoginAsync().Wait());
                Expect.Words("already_signed_in 409 Sign out first.", error.Code, error.Status.ToString(), error.Remedy);
                Expect.Same("Somebody is signed in already [already_signed_in]", error.Message);
                Expect.Same(TimeSpan.FromSeconds(7), error.RetryAfter);
                Expect.True(!error.ToString().Contains(PlayedAgent.Token), "no token");
            }
        }

        [Test]
        private static void a_refusal_without_detail_is_one()
        {
            using (var agent = new PlayedAgent(line => PlayedAgent.Json("", "403 Forbidden")))
            {
                Expect.Error(ErrorKind.Refused, () => agent.Client().SessionAsync().Wait());
            }
        }

        [Test]
        private static void nobody_on_the_port_is_not_running()
        {
            var agent = new PlayedAgent();
            var client = agent.Client();
            agent.Dispose();
            Expect.Error(ErrorKind.NotRunning, () => client.SessionAsync().Wait());
        }

        [Test]
        private static void of_several_ports_the_one_that_proves_itself_is_the_agents()
        {
            using (var squatter = new PlayedAgent { Proves = false })
            using (var silent = new SilentServer())
            using (var agent = new PlayedAgent())
            {
                var app = new App("emis", new Token(PlayedAgent.Token));
                var among = new Exchange(Route.ByPorts(new[] { 1, squatter.Port, silent.Port, agent.Port }), app);
                Expect.Same(200, among.Ask(Request.Get("/v1/app"), TimeSpan.FromSeconds(30), CancellationToken.None).Status);
                Expect.True(!squatter.Received.Contains(PlayedAgent.Token), "the squatter got no token");
                Expect.Words("/v1/health /v1/app", agent.Paths);

                var without = new Exchange(Route.ByPorts(new[] { squatter.Port, 1 }), app);
                Expect.Error(ErrorKind.NotProven, () => without.Ask(
                    Request.Get("/v1/app"), TimeSpan.FromSeconds(30), CancellationToken.None));
            }
        }

        [Test]
        private static void an_agent_that_says_nothing_is_waited_for_so_long_and_no_longer()
        {
            using (var agent = new PlayedAgent(line => null))
            {
                var request = Request.Get("/v1/session");
                Expect.Error(ErrorKind.TimedOut, () => agent.Client().Exchange.Ask(
                    request, TimeSpan.FromMilliseconds(300), CancellationToken.None));
            }
        }

        [Test]
        private static void a_request_can_be_given_up()
        {
            var asked = new ManualResetEventSlim();
            using (var agent = new PlayedAgent(line => { asked.Set(); return null; }))
            using (var giveUp = new CancellationTokenSource())
            {
                var waiting = agent.Client().SessionChangeAsync("\"t\"", TimeSpan.FromSeconds(25), giveUp.Token);
                asked.Wait();
                giveUp.Cancel();
                Expect.True(Task.WhenAny(waiting).Wait(10000) && waiting.IsCanceled, waiting.Status.ToString());
                Expect.True(agent.Received.Contains("GET /v1/session?wait=25 "), agent.Received);
                Expect.True(agent.Received.Contains("If-None-Match: \"t\"\r\n"), agent.Received);
            }
        }

        [Test]
        private static void an_unchanged_session_is_null()
        {
            using (var agent = new PlayedAgent(line => "HTTP/1.1 304 Not Modified\r\netag: \"t\"\r\n\r\n"))
            {
                Expect.Same(null, agent.Client().SessionChangeAsync("\"t\"", TimeSpan.Zero).Result);
            }
        }

        [Test]
        private static void a_tag_cannot_add_a_header()
        {
            using (var agent = new PlayedAgent())
            {
                Expect.Error(ErrorKind.Answer, () => agent.Client().SessionChangeAsync("t\r\nx: y", TimeSpan.Zero).Wait());
            }
        }

        [Test]
        private static void a_program_is_paired_by_its_claim_secret()
        {
            var claims = 0;
            using (var agent = new PlayedAgent(line =>
            {
                if (line.StartsWith("POST /v1/pairings HTTP"))
                {
                    return PlayedAgent.Json("{\"id\":\"p/1\",\"code\":\"123456\",\"claim_secret\":\"s3cret\"}", "201 Created");
                }
                return claims++ == 0
                    ? PlayedAgent.Json("{\"status\":\"waiting\"}", "202 Accepted", "retry-after: 0\r\n")
                    : PlayedAgent.Json("{\"app\":\"paired-1\",\"name\":\"N\",\"scopes\":[\"session:read\"],\"token\":\"tok\"}");
            }))
            {
                var client = CardeaClient.At(agent.Url);
                var pairing = client.AskToPairAsync("Re\"cords", new[] { "session:read" }).Result;
                Expect.Same("123456", pairing.Code);
                var paired = client.WaitUntilPairedAsync(pairing).Result;
                Expect.Words("paired-1 tok session:read", paired.App.Id, paired.App.Token.Expose(), paired.Scopes[0]);
                Expect.Words("/v1/pairings /v1/pairings/p%2F1/token /v1/pairings/p%2F1/token", agent.Paths);
                Expect.True(agent.Received.Contains("{\"name\":\"Re\\u0022cords\",\"scopes\":[\"session:read\"]}"), agent.Received);
                Expect.True(agent.Received.Contains("{\"claim_secret\":\"s3cret\"}"), agent.Received);
                Expect.True(!(pairing + paired.ToString()).Contains("s3cret"), "no secret in a text");
            }
        }
    }
}
