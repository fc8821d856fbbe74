using System.Collections.Generic;
using System.IO;
using System.Text;

namespace Cardea.Client.Wire
{
    /// <summary>One message with data.</summary>
    internal sealed class Block
    {
        internal Block(string id, byte[] data)
        {
            Id = id;
            Data = data;
        }

        /// <summary>The id given last in this stream, in this message or before it.</summary>
        internal string Id { get; }

        /// <summary>The lines of data, joined by line feeds.</summary>
        internal byte[] Data { get; }
    }

    /// <summary>Server-Sent Events, read (HTML Living Standard, section 9.2.6), with a bound.</summary>
    internal sealed class EventParser
    {
        private readonly List<byte> line = new List<byte>();
        private bool afterReturn;
        private string id;
        private MemoryStream data;

        /// <summary>
        /// Reads from <paramref name="at"/> until a message is complete, or the input is used up and
        /// there is none.
        /// </summary>
        internal Block Read(byte[] input, ref int at, int end)
        {
            while (at < end)
            {
                var letter = input[at++];
                var secondHalf = afterReturn && letter == '\n';
                afterReturn = letter == '\r';
                if (secondHalf)
                {
                    continue;
                }
                if (letter != '\n' && letter != '\r')
                {
                    Keep(letter);
                    continue;
                }
                var block = EndLine();
                if (block != null)
                {
                    return block;
                }
            }
            return null;
        }

        private void Keep(byte letter)
        {
            if (line.Count + (data?.Length ?? 0) >= Limits.LongestAnswer)
            {
                throw CardeaException.NotUnderstood();
            }
            line.Add(letter);
        }

        private Block EndLine()
        {
            if (line.Count == 0)
            {
                var block = data == null ? null : new Block(id, data.ToArray());
                data = null;
                return block;
            }
            var bytes = line.ToArray();
            line.Clear();
            var colon = System.Array.IndexOf(bytes, (byte)':');
            var name = Encoding.UTF8.GetString(bytes, 0, colon < 0 ? bytes.Length : colon);
            var from = colon < 0 ? bytes.Length : colon + 1;
            from += from < bytes.Length && bytes[from] == ' ' ? 1 : 0;
            if (name == "data")
            {
                Append(bytes, from);
            }
            else if (name == "id" && System.Array.IndexOf(bytes, (byte)0, from) < 0)
            {
                id = Encoding.UTF8.GetString(bytes, from, bytes.Length - from);
            }
            // The JSON says which event it is; comments and `retry` are nothing to us.
            return null;
        }

        private void Append(byte[] bytes, int from)
        {
            if (data == null)
            {
                data = new MemoryStream();
            }
            else
            {
                data.WriteByte((byte)'\n');
            }
            data.Write(bytes, from, bytes.Length - from);
        }
    }
}
