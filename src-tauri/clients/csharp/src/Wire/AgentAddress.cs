using System;
using System.Globalization;
using System.Net;

namespace Cardea.Client.Wire
{
    /// <summary>A loopback address of the API.</summary>
    internal sealed class AgentAddress
    {
        private AgentAddress(IPAddress host, int port, string authority)
        {
            EndPoint = new IPEndPoint(host, port);
            Authority = authority;
        }

        internal IPEndPoint EndPoint { get; }

        /// <summary>The <c>Host</c> header.</summary>
        internal string Authority { get; }

        internal static AgentAddress OfPort(int port) => Parse("http://127.0.0.1:" + port);

        /// <summary>Reads <c>http://127.0.0.1:PORT</c>, <c>http://localhost:PORT</c> or <c>http://[::1]:PORT</c>.</summary>
        internal static AgentAddress Parse(string url)
        {
            foreach (var host in new[] { "127.0.0.1", "localhost", "[::1]" })
            {
                var start = "http://" + host + ":";
                if (url == null || !url.StartsWith(start, StringComparison.Ordinal))
                {
                    continue;
                }
                var rest = url.Substring(start.Length);
                var digits = rest.EndsWith("/", StringComparison.Ordinal) ? rest.Substring(0, rest.Length - 1) : rest;
                if (ushort.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port > 0)
                {
                    var address = host == "[::1]" ? IPAddress.IPv6Loopback : IPAddress.Loopback;
                    return new AgentAddress(address, port, host + ":" + port);
                }
            }
            throw new ArgumentException("the agent's address is one like http://127.0.0.1:28080", nameof(url));
        }
    }
}
