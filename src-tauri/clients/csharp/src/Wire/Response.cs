using System;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Text;

namespace Cardea.Client.Wire
{
    /// <summary>
    /// The head of an answer (RFC 9112), read strictly: whatever the agent would not write breaks the
    /// connection.
    /// </summary>
    internal sealed class Response
    {
        private readonly Dictionary<string, string> headers;

        private Response(int status, Dictionary<string, string> headers, BodyReader body)
        {
            Status = status;
            this.headers = headers;
            Body = body;
        }

        internal int Status { get; }

        internal BodyReader Body { get; }

        internal TimeSpan? RetryAfter
        {
            get
            {
                var text = Header("Retry-After");
                var isNumber = ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds);
                return isNumber ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
            }
        }

        internal string Header(string name) => headers.TryGetValue(name, out var value) ? value : null;

        internal static Response Read(Connection connection, Deadline deadline)
        {
            var left = Limits.LongestHead;
            var line = Line(connection, deadline, ref left);
            var status = ReadStatus(line);
            var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
            while ((line = Line(connection, deadline, ref left)).Length > 0)
            {
                var colon = line.IndexOf(':');
                var name = colon > 0 ? line.Substring(0, colon) : "";
                if (name.Length == 0 || !name.All(IsTokenLetter))
                {
                    throw CardeaException.NotUnderstood();
                }
                if (headers.ContainsKey(name) && IsAboutLength(name))
                {
                    throw CardeaException.NotUnderstood();
                }
                headers[name] = line.Substring(colon + 1).Trim(' ', '\t');
            }
            return new Response(status, headers, BodyOf(connection, status, headers));
        }

        /// <summary>The whole body.</summary>
        internal byte[] ReadAll(Deadline deadline)
        {
            var whole = new MemoryStream();
            var piece = new byte[8 * 1024];
            for (int read; (read = Body.Read(piece, deadline)) > 0;)
            {
                if (whole.Length + read > Limits.LongestAnswer)
                {
                    throw CardeaException.NotUnderstood();
                }
                whole.Write(piece, 0, read);
            }
            return whole.ToArray();
        }

        /// <summary>A line that ends in CR LF, without them; its length counts against <paramref name="left"/>.</summary>
        internal static string Line(Connection connection, Deadline deadline, ref int left)
        {
            var line = new StringBuilder();
            while (true)
            {
                var letter = Next(connection, deadline, ref left);
                if (letter == '\r')
                {
                    if (Next(connection, deadline, ref left) != '\n')
                    {
                        throw CardeaException.NotUnderstood();
                    }
                    return line.ToString();
                }
                if ((letter < ' ' && letter != '\t') || letter == 127)
                {
                    throw CardeaException.NotUnderstood();
                }
                line.Append((char)letter);
            }
        }

        private static int Next(Connection connection, Deadline deadline, ref int left)
        {
            if (--left < 0)
            {
                throw CardeaException.NotUnderstood();
            }
            var letter = connection.ReadByte(deadline);
            return letter >= 0 ? letter : throw CardeaException.Broken();
        }

        private static int ReadStatus(string line)
        {
            const string version = "HTTP/1.1 ";
            var digits = line.StartsWith(version, StringComparison.Ordinal) ? line.Substring(version.Length) : "";
            var space = digits.IndexOf(' ');
            digits = space < 0 ? digits : digits.Substring(0, space);
            // An interim answer (1xx) is one that nobody asked for.
            if (digits.Length != 3 || !int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var status)
                || status < 200 || status > 599)
            {
                throw CardeaException.NotUnderstood();
            }
            return status;
        }

        private static BodyReader BodyOf(Connection connection, int status, Dictionary<string, string> headers)
        {
            headers.TryGetValue("Transfer-Encoding", out var coding);
            headers.TryGetValue("Content-Length", out var length);
            if (status == 204 || status == 304)
            {
                return BodyReader.OfLength(connection, 0);
            }
            if (coding != null && length == null && coding.Equals("chunked", StringComparison.OrdinalIgnoreCase))
            {
                return BodyReader.Chunked(connection);
            }
            if (coding == null && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count <= Limits.LongestAnswer)
            {
                return BodyReader.OfLength(connection, count);
            }
            throw CardeaException.NotUnderstood();
        }

        private static bool IsAboutLength(string name) =>
            name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase)
            || name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase);

        private static bool IsTokenLetter(char letter) =>
            letter < 127 && (char.IsLetterOrDigit(letter) || "!#$%&'*+-.^_`|~".IndexOf(letter) >= 0);
    }
}
