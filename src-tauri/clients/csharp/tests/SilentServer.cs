using System;
using System.Net;
using System.Net.Sockets;

namespace Cardea.Client.Tests
{
    /// <summary>Takes connections and says nothing.</summary>
    internal sealed class SilentServer : IDisposable
    {
        private readonly TcpListener listener = new TcpListener(IPAddress.Loopback, 0);

        internal SilentServer()
        {
            listener.Start();
        }

        internal int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

        public void Dispose() => listener.Stop();
    }
}
