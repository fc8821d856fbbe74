using System.Text;

namespace Cardea.Client.Wire
{
    /// <summary>A request to be made.</summary>
    internal sealed class Request
    {
        private Request(string method, string path, byte[] body)
        {
            Method = method;
            Path = path;
            Body = body;
        }

        internal string Method { get; }

        internal string Path { get; }

        internal byte[] Body { get; }

        internal string Accept { get; private set; } = "application/json";

        internal string IfNoneMatch { get; private set; }

        internal string LastEventId { get; private set; }

        internal static Request Get(string path) => new Request("GET", path, null);

        internal static Request Delete(string path) => new Request("DELETE", path, null);

        internal static Request Post(string path, string json) => new Request("POST", path, Encoding.UTF8.GetBytes(json));

        internal static Request Events(string after) =>
            new Request("GET", "/v1/events", null) { Accept = "text/event-stream", LastEventId = after };

        internal static Request Changed(string path, string tag) => new Request("GET", path, null) { IfNoneMatch = tag };

        /// <summary>A request carries the token only when <paramref name="app"/> is given.</summary>
        internal string Head(string authority, App app)
        {
            var head = new StringBuilder();
            head.Append(Method).Append(' ').Append(Path).Append(" HTTP/1.1\r\n");
            Add(head, "Host", authority);
            Add(head, "Accept", Accept);
            Add(head, "If-None-Match", IfNoneMatch);
            Add(head, "Last-Event-ID", LastEventId);
            Add(head, "Authorization", app == null ? null : "Bearer " + app.Token.Expose());
            if (Body != null)
            {
                Add(head, "Content-Type", "application/json");
                Add(head, "Content-Length", Body.Length.ToString());
            }
            return head.Append("\r\n").ToString();
        }

        private static void Add(StringBuilder head, string name, string value)
        {
            if (value == null)
            {
                return;
            }
            // What came from outside, a tag or an event's id, cannot add a header.
            foreach (var letter in value)
            {
                if (letter < ' ' || letter > '~')
                {
                    throw CardeaException.NotUnderstood();
                }
            }
            head.Append(name).Append(": ").Append(value).Append("\r\n");
        }
    }
}
