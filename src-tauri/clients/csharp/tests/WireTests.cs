using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text;
using Cardea.Client.Wire;

namespace Cardea.Client.Tests
{
    /// <summary>What comes over the wire, read without a wire.</summary>
    internal static class WireTests
    {
        [Test]
        private static void only_the_right_proof_is_one()
        {
            // printf 'N|B|28080' | openssl dgst -sha256 -mac HMAC
            //     -macopt hexkey:$(printf token | sha256sum | cut -c-64) -binary | base64url
            const string proof = "bDmxhUNLipq55BvqZI_SfCqBHHWS56yEo6ACjl_r2Hw";
            var token = new Token("token");
            Expect.True(Proof.Holds(proof, token, "N", "B", 28080), "the right one");
            Expect.True(!Proof.Holds(proof, token, "N", "B", 28081), "another port");
            Expect.True(!Proof.Holds(proof, token, "N", "C", 28080), "another boot");
            Expect.True(!Proof.Holds(proof, token, "M", "B", 28080), "another nonce");
            Expect.True(!Proof.Holds(proof, new Token("other"), "N", "B", 28080), "another token");
            foreach (var wrong in new[] { null, "", proof.Substring(1), proof + "A" })
            {
                Expect.True(!Proof.Holds(wrong, token, "N", "B", 28080), "no proof");
            }
            Expect.True(Proof.DrawNonce() != Proof.DrawNonce(), "no nonce comes twice");
        }

        [Test]
        private static void a_token_shows_itself_only_when_asked()
        {
            Expect.True(!new Token("s3cret").ToString().Contains("s3cret"), "it is redacted");
            Expect.Same("s3cret", new Token("s3cret").Expose());
            foreach (var text in new[] { null, "", "two words", "line\r\nbreak", "ümlaut", new string('x', 129) })
            {
                try
                {
                    new Token(text);
                }
                catch (ArgumentException error)
                {
                    Expect.True(string.IsNullOrEmpty(text) || !error.Message.Contains(text), "it is not repeated");
                    continue;
                }
                throw new InvalidOperationException("what cannot be sent is not a token");
            }
        }

        [Test]
        private static void only_loopback_addresses_with_a_port_are_taken()
        {
            Expect.Same("127.0.0.1:28080", AgentAddress.Parse("http://localhost:28080").EndPoint.ToString());
            Expect.Same("localhost:28080", AgentAddress.Parse("http://localhost:28080/").Authority);
            Expect.Same("[::1]:1", AgentAddress.Parse("http://[::1]:1").Authority);
            foreach (var url in new[]
            {
                null, "", "127.0.0.1:28080", "http://127.0.0.1", "https://127.0.0.1:28080", "http://127.0.0.1:28080/v1",
                "http://192.0.2.1:28080", "http://localhost.example:28080", "http://a@127.0.0.1:28080", "http://127.0.0.1:0",
                "http://127.0.0.1:99999", "http://127.0.0.1:+1", "http://127.0.0.1:1@192.0.2.1:80",
            })
            {
                try
                {
                    AgentAddress.Parse(url);
                }
                catch (ArgumentException)
                {
                    continue;
                }
                throw new InvalidOperationException(url);
            }
        }

        [Test]
        private static void the_endpoint_file_is_read_and_a_broken_one_said_to_be()
        {
            var file = Path.GetTempFileName();
            try
            {
                File.WriteAllText(file, "{\"url\":\"http://127.0.0.1:28081\",\"socket\":\"/run/x\",\"pid\":1,"
                    + "\"version\":\"0.1.0\",\"boot\":\"B\",\"environment\":\"live\",\"later\":true}");
                Expect.Same("http://127.0.0.1:28081", Endpoint.Read(file).Url);
                foreach (var broken in new[] { "", "{", "[]", "{\"pid\":\"x\"}" })
                {
                    File.WriteAllText(file, broken);
                    Expect.Error(ErrorKind.Endpoint, () => Endpoint.Read(file));
                }
                File.WriteAllText(file, "{\"url\":\"http://192.0.2.1:1\",\"pid\":1,\"version\":\"\",\"boot\":\"\",\"environment\":\"\"}");
                Expect.Error(ErrorKind.Endpoint, () => Endpoint.Read(file).Address());
            }
            finally
            {
                File.Delete(file);
            }
            Expect.Error(ErrorKind.NotRunning, () => Endpoint.Read(file));
            Expect.Error(ErrorKind.NotRunning, () => Endpoint.Read(Path.Combine(file, "x")));
        }

        [Test]
        private static void what_is_no_json_object_of_the_agents_is_not_understood()
        {
            var deep = string.Concat(Enumerable.Repeat("{\"a\":", 40)) + "1" + new string('}', 40);
            foreach (var text in new[] { "", "{", "<html>", "[]", "null", deep })
            {
                Expect.Error(ErrorKind.Answer, () => Messages.Parse(text));
            }
            var json = Messages.Parse("{\"a\":1,\"a\":2,\"b\":null,\"c\":\"x\",\"d e\":{}}");
            Expect.Error(ErrorKind.Answer, () => json.Number("a"));
            Expect.Error(ErrorKind.Answer, () => json.Number("c"));
            Expect.Error(ErrorKind.Answer, () => json.Text("b"));
            Expect.Same(null, json.TextOrNull("b"));
        }

        [Test]
        private static void what_is_written_as_json_reads_the_same()
        {
            var text = "a\"b\\c\r\n\u0001é\U0001F600</script>";
            var json = Messages.Parse("{\"t\":" + Json.Quote(text).Replace("\\u0001", "") + "}");
            Expect.Same(text.Replace("\u0001", ""), json.Text("t"));
        }

        [Test]
        private static void a_snapshot_is_read_whole()
        {
            var snapshot = Messages.Read(Messages.SnapshotEvent("A", 5, "A.s1")).Snapshot;
            var session = snapshot.Session;
            Expect.Words("A live active R", snapshot.Boot, snapshot.Environment, snapshot.State, snapshot.Readers[0].Name);
            Expect.Words("A.s1 N3_SMARTCARD 555 Nurse B1", session.Id, session.Amr[0], session.User.Id,
                session.User.SelectedRole.DisplayName, session.User.SelectedRole.ActivityCodes[0]);
            Expect.Same(new DateTimeOffset(2026, 1, 5, 9, 0, 0, 123, TimeSpan.Zero), snapshot.Since);
            Expect.True(!(snapshot + session.User.ToString()).Contains("Ann"), "nobody's name is in a text");
        }

        [Test]
        private static void messages_are_the_same_however_they_are_cut_and_lines_end()
        {
            const string text = ": hello\n\nid: 1\nevent: a\ndata: {\"x\":1}\n\ndata:one\ndata: two\nretry: 5\n\nid: 2\n\ndata\n\n";
            foreach (var ending in new[] { "\n", "\r\n", "\r" })
            {
                var bytes = Encoding.UTF8.GetBytes(text.Replace("\n", ending));
                for (var size = 1; size < bytes.Length; size++)
                {
                    Expect.Words("1={\"x\":1} 1=one\ntwo 2=", InPieces(bytes, size));
                }
            }
        }

        [Test]
        private static void a_message_that_never_ends_is_refused()
        {
            foreach (var text in new[] { "x", "data: xxxxxxxxxxxxxxxxxxxxxxxx\n" })
            {
                var parser = new EventParser();
                var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(text, Limits.LongestAnswer / text.Length * 2)));
                var at = 0;
                Expect.Error(ErrorKind.Answer, () => parser.Read(bytes, ref at, bytes.Length));
            }
        }

        private static string[] InPieces(byte[] bytes, int size)
        {
            var parser = new EventParser();
            var blocks = new List<string>();
            for (var from = 0; from < bytes.Length; from += size)
            {
                var at = from;
                Block block;
                while ((block = parser.Read(bytes, ref at, Math.Min(bytes.Length, from + size))) != null)
                {
                    blocks.Add(block.Id + "=" + Encoding.UTF8.GetString(block.Data));
                }
            }
            return blocks.ToArray();
        }
    }
}
