using System;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Cardea.Client.Tests
{
    /// <summary>Answers the first request of a connection with these bytes, whatever it is, and closes.</summary>
    internal sealed class RawServer : IDisposable
    {
        private readonly TcpListener listener = new TcpListener(IPAddress.Loopback, 0);
        private readonly StringBuilder received = new StringBuilder();

        internal RawServer(string answer)
        {
            listener.Start();
            new Thread(() => Serve(Encoding.UTF8.GetBytes(answer))) { IsBackground = true }.Start();
        }

        internal string Url => "http://" + listener.LocalEndpoint;

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

        public void Dispose() => listener.Stop();

        private void Serve(byte[] answer)
        {
            try
            {
                while (true)
                {
                    using (var connection = listener.AcceptTcpClient())
                    {
                        var buffer = new byte[4096];
                        var read = connection.GetStream().Read(buffer, 0, buffer.Length);
                        lock (received)
                        {
                            received.Append(Encoding.UTF8.GetString(buffer, 0, read));
                        }
                        connection.GetStream().Write(answer, 0, answer.Length);
                    }
                }
            }
            catch (Exception error) when (error is SocketException || error is ObjectDisposedException || error is InvalidOperationException)
            {
            }
        }
    }
}
