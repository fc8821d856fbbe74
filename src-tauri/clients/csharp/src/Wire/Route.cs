using System;
using System.Collections.Generic;
using System.Linq;

namespace Cardea.Client.Wire
{
    /// <summary>A way to the agent: the addresses to try, looked up anew for each connection.</summary>
    internal sealed class Route
    {
        private const int FirstPort = 28080;
        private const int Ports = 20;

        private readonly Func<IReadOnlyList<AgentAddress>> addresses;

        private Route(Func<IReadOnlyList<AgentAddress>> addresses)
        {
            this.addresses = addresses;
        }

        internal IReadOnlyList<AgentAddress> Addresses() => addresses();

        internal static Route To(string url)
        {
            var one = new[] { AgentAddress.Parse(url) };
            return new Route(() => one);
        }

        internal static Route ByFile(Func<string> file) => new Route(() => new[] { Endpoint.Read(file()).Address() });

        internal static Route ByPorts() => ByPorts(Enumerable.Range(FirstPort, Ports));

        internal static Route ByPorts(IEnumerable<int> ports)
        {
            var all = ports.Select(AgentAddress.OfPort).ToArray();
            return new Route(() => all);
        }
    }
}
