using System;
using System.Globalization;

namespace Cardea.Client.Wire
{
    /// <summary>The body of an answer, as it comes: of a length said before, or in chunks (RFC 9112, section 7.1).</summary>
    internal sealed class BodyReader
    {
        private readonly Connection connection;
        private readonly bool chunked;
        private int left;
        private bool inside;
        private bool over;

        private BodyReader(Connection connection, bool chunked, int length)
        {
            this.connection = connection;
            this.chunked = chunked;
            left = length;
            over = !chunked && length == 0;
        }

        internal static BodyReader OfLength(Connection connection, int length) => new BodyReader(connection, false, length);

        internal static BodyReader Chunked(Connection connection) => new BodyReader(connection, true, 0);

        /// <summary>Reads what has come, at least one byte; 0 at the end of the body.</summary>
        internal int Read(byte[] into, Deadline deadline)
        {
            if (!over && chunked && left == 0)
            {
                BeginChunk(deadline);
            }
            if (over)
            {
                return 0;
            }
            var read = connection.Read(into, 0, Math.Min(into.Length, left), deadline);
            if (read == 0)
            {
                throw CardeaException.Broken();
            }
            left -= read;
            over = !chunked && left == 0;
            return read;
        }

        private void BeginChunk(Deadline deadline)
        {
            var room = Limits.LongestHead;
            if (inside && Response.Line(connection, deadline, ref room).Length > 0)
            {
                throw CardeaException.NotUnderstood();
            }
            inside = true;
            var line = Response.Line(connection, deadline, ref room);
            var extension = line.IndexOf(';');
            var digits = (extension < 0 ? line : line.Substring(0, extension)).TrimEnd(' ', '\t');
            if (digits.Length > 7 || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out left))
            {
                throw CardeaException.NotUnderstood();
            }
            if (left == 0)
            {
                while (Response.Line(connection, deadline, ref room).Length > 0)
                {
                }
                over = true;
            }
        }
    }
}
