using System;
using System.Collections.Concurrent;
using System.Linq;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Threading;

namespace Cardea.Client.Tests
{
    /// <summary>
    /// Whatever listens on the agent's port: the agent itself, as the test writes it, or a squatter that
    /// has no proof. It keeps all that it was sent.
    /// </summary>
    internal sealed class PlayedAgent : IDisposable
    {
        internal const string Token = "the-token-of-the-played-program-0123456789a";
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

        private readonly TcpListener listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly ConcurrentDictionary<TcpClient, bool> connections = new ConcurrentDictionary<TcpClient, bool>();
        private readonly StringBuilder received = new StringBuilder();
        private readonly Func<string, string> answer;

        /// <summary>Answers each request line by <paramref name="answer"/>; null leaves it without one.</summary>
        internal PlayedAgent(Func<string, string> answer = null)
        {
            this.answer = answer ?? (line => Json("{}"));
            listener.Start();
            Boot = "A";
            Proves = true;
            ProvenPort = Port;
            new Thread(Accept) { IsBackground = true }.Start();
        }

        internal string Boot { get; set; }

        internal bool Proves { get; set; }

        /// <summary>Which port its proof is for: its own, unless it had the proof from elsewhere.</summary>
        internal int ProvenPort { get; set; }

        /// <summary>The streams that are asked for; each is to be written by the test.</summary>
        internal BlockingCollection<PlayedStream> Streams { get; } = new BlockingCollection<PlayedStream>();

        internal string Url => "http://127.0.0.1:" + Port;

        internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        internal string Received
        {
            get
            {
                lock (received)
                {
                    return received.ToString();
                }
            }
        }

        /// <summary>The paths of all requests so far, without the queries.</summary>
        internal string[] Paths => Received.Split('\n').Where(line => line.EndsWith(" HTTP/1.1\r"))
            .Select(line => line.Split(' ')[1].Split('?')[0]).ToArray();

        internal CardeaClient Client() => CardeaClient.At(Url, new App("emis", new Token(Token)));

        internal PlayedStream NextStream()
        {
            Expect.True(Streams.TryTake(out var stream, Limit), "a stream is opened");
            return stream;
        }

        internal static string Json(string body, string status = "200 OK", string more = "") =>
            "HTTP/1.1 " + status + "\r\n" + more + "content-type: application/json\r\ncontent-length: "
            + Encoding.UTF8.GetByteCount(body) + "\r\n\r\n" + body;

        public void Dispose()
        {
            listener.Stop();
            foreach (var connection in connections.Keys)
            {
                connection.Close();
            }
        }

        private void Accept()
        {
            try
            {
                while (true)
                {
                    var connection = listener.AcceptTcpClient();
                    connections[connection] = true;
                    new Thread(() => Serve(connection)) { IsBackground = true }.Start();
                }
            }
            catch (Exception error) when (error is SocketException || error is ObjectDisposedException || error is InvalidOperationException)
            {
            }
        }

        private void Serve(TcpClient connection)
        {
            try
            {
                var stream = connection.GetStream();
                string head;
                while ((head = ReadHead(stream)) != null)
                {
                    var line = head.Split('\r')[0];
                    if (line.StartsWith("GET /v1/events "))
                    {
                        Streams.Add(new PlayedStream(stream, head));
                        continue;
                    }
                    var text = line.Contains("/v1/health?") ? Health(line) : answer(line);
                    if (text != null)
                    {
                        var bytes = Encoding.UTF8.GetBytes(text);
                        stream.Write(bytes, 0, bytes.Length);
                    }
                }
            }
            catch (Exception error) when (error is System.IO.IOException || error is ObjectDisposedException || error is InvalidOperationException)
            {
            }
        }

        private string ReadHead(NetworkStream stream)
        {
            var head = new StringBuilder();
            while (!head.ToString().EndsWith("\r\n\r\n"))
            {
                var letter = stream.ReadByte();
                if (letter < 0)
                {
                    return null;
                }
                head.Append((char)letter);
                lock (received)
                {
                    received.Append((char)letter);
                }
            }
            var length = head.ToString().Split('\n').FirstOrDefault(line => line.StartsWith("Content-Length: "));
            for (var left = length == null ? 0 : int.Parse(length.Substring(16)); left > 0; left--)
            {
                var letter = (char)stream.ReadByte();
                lock (received)
                {
                    received.Append(letter);
                }
            }
            return head.ToString();
        }

        private string Health(string line)
        {
            var nonce = line.Split(' ')[1].Split('=').Last();
            using (var sha = SHA256.Create())
            using (var hmac = new HMACSHA256(sha.ComputeHash(Encoding.ASCII.GetBytes(Proves ? Token : "a guess"))))
            {
                var proof = hmac.ComputeHash(Encoding.UTF8.GetBytes(nonce + "|" + Boot + "|" + ProvenPort));
                var text = Convert.ToBase64String(proof).TrimEnd('=').Replace('+', '-').Replace('/', '_');
                return Json("{\"status\":\"ok\",\"boot\":\"" + Boot + "\",\"proof\":\"" + text + "\"}");
            }
        }
    }

    /// <summary>An event stream that the test writes.</summary>
    internal sealed class PlayedStream
    {
        private readonly NetworkStream stream;
        private int sent;

        internal PlayedStream(NetworkStream stream, string head)
        {
            this.stream = stream;
            Head = head;
            Write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
        }

        /// <summary>How it was asked for.</summary>
        internal string Head { get; }

        internal PlayedStream Say(string message)
        {
            var block = "id: n" + ++sent + "\ndata: " + message + "\n\n";
            Write(Encoding.UTF8.GetByteCount(block).ToString("x") + "\r\n" + block + "\r\n");
            return this;
        }

        internal void Close() => stream.Dispose();

        private void Write(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            stream.Write(bytes, 0, bytes.Length);
        }
    }
}
