using System;
using System.IO;
using System.Net.Sockets;
using System.Text;
using System.Threading;

namespace Cardea.Client.Wire
{
    /// <summary>
    /// One HTTP/1.1 connection to the agent, on a socket of its own: neither a proxy nor a pool can
    /// send a request elsewhere than the one before. Closing it ends every wait on it.
    /// </summary>
    internal sealed class Connection : IDisposable
    {
        private readonly Socket socket;
        private readonly AgentAddress address;
        private readonly byte[] buffer = new byte[16 * 1024];
        private int start;
        private int end;
        private int closed;

        private Connection(Socket socket, AgentAddress address)
        {
            this.socket = socket;
            this.address = address;
        }

        internal int Port => address.EndPoint.Port;

        internal static Connection Open(AgentAddress address, Deadline deadline, CancellationToken cancel)
        {
            var socket = new Socket(address.EndPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                using (cancel.Register(socket.Close))
                {
                    var opening = socket.BeginConnect(address.EndPoint, null, null);
                    if (!opening.AsyncWaitHandle.WaitOne(deadline.Left()))
                    {
                        throw CardeaException.TimedOut();
                    }
                    socket.EndConnect(opening);
                    return new Connection(socket, address);
                }
            }
            catch (Exception error)
            {
                socket.Close();
                cancel.ThrowIfCancellationRequested();
                var refused = (error as SocketException)?.SocketErrorCode == SocketError.ConnectionRefused;
                if (refused)
                {
                    throw CardeaException.NotRunning(error);
                }
                if (error is SocketException || error is ObjectDisposedException)
                {
                    throw new CardeaException(ErrorKind.Unreachable, "the agent cannot be reached", error);
                }
                throw;
            }
        }

        /// <summary>Sends a request and reads the head of its answer; the body is to be read to its end.</summary>
        internal Response Send(Request request, App app, Deadline deadline)
        {
            Write(Encoding.ASCII.GetBytes(request.Head(address.Authority, app)), deadline);
            if (request.Body != null)
            {
                Write(request.Body, deadline);
            }
            return Response.Read(this, deadline);
        }

        internal int ReadByte(Deadline deadline) => Fill(deadline) ? buffer[start++] : -1;

        /// <summary>Reads what has come, at least one byte; 0 at the end of the connection.</summary>
        internal int Read(byte[] into, int offset, int count, Deadline deadline)
        {
            if (!Fill(deadline))
            {
                return 0;
            }
            var length = Math.Min(count, end - start);
            Buffer.BlockCopy(buffer, start, into, offset, length);
            start += length;
            return length;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref closed, 1) == 1)
            {
                return;
            }
            try
            {
                // Wakes whoever waits for it; closing alone does not on every system.
                socket.Shutdown(SocketShutdown.Both);
            }
            catch (Exception error) when (error is SocketException || error is ObjectDisposedException)
            {
            }
            socket.Close();
        }

        private bool Fill(Deadline deadline)
        {
            if (start < end)
            {
                return true;
            }
            start = 0;
            end = Guarded(() =>
            {
                socket.ReceiveTimeout = deadline.Left();
                return socket.Receive(buffer);
            });
            return end > 0;
        }

        private void Write(byte[] bytes, Deadline deadline)
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                var from = sent;
                sent += Guarded(() =>
                {
                    socket.SendTimeout = deadline.Left();
                    return socket.Send(bytes, from, bytes.Length - from, SocketFlags.None);
                });
            }
        }

        private static int Guarded(Func<int> work)
        {
            try
            {
                return work();
            }
            catch (SocketException error) when (error.SocketErrorCode == SocketError.TimedOut
                || error.SocketErrorCode == SocketError.WouldBlock)
            {
                throw CardeaException.TimedOut();
            }
            catch (Exception error) when (error is SocketException || error is ObjectDisposedException || error is IOException)
            {
                throw CardeaException.Broken(error);
            }
        }
    }
}
