using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using System.Threading.Tasks;

namespace Cardea.Client.Wire
{
    /// <summary>
    /// Makes requests on behalf of one program. Each has a connection of its own, on which the other
    /// end first proves that it is the agent; the token is sent on that connection and on no other.
    /// </summary>
    internal sealed class Exchange
    {
        private readonly Route route;
        private readonly App app;

        internal Exchange(Route route, App app)
        {
            this.route = route;
            this.app = app;
        }

        internal Answer Ask(Request request, TimeSpan limit, CancellationToken cancel)
        {
            var deadline = new Deadline(limit);
            using (var connection = Connect(deadline, cancel))
            using (cancel.Register(connection.Dispose))
            {
                try
                {
                    return Ask(connection, request, deadline);
                }
                catch (CardeaException) when (cancel.IsCancellationRequested)
                {
                    throw new OperationCanceledException(cancel);
                }
            }
        }

        /// <summary>Asks on a connection that has proven itself.</summary>
        internal Answer Ask(Connection connection, Request request, Deadline deadline)
        {
            var head = connection.Send(request, app, deadline);
            return Success(head, deadline);
        }

        /// <summary>The same, but hands out the open body of the answer.</summary>
        internal BodyReader Open(Connection connection, Request request, Deadline deadline)
        {
            var head = connection.Send(request, app, deadline);
            if (head.Status == 200)
            {
                return head.Body;
            }
            Success(head, deadline);
            throw CardeaException.NotUnderstood();
        }

        /// <summary>Connects; the token may be sent on what this returns, and on nothing else.</summary>
        internal Connection Connect(Deadline deadline, CancellationToken cancel)
        {
            var addresses = route.Addresses();
            return addresses.Count == 1 ? Connect(addresses[0], deadline, cancel) : FirstOf(addresses, deadline, cancel);
        }

        private Connection Connect(AgentAddress address, Deadline deadline, CancellationToken cancel)
        {
            var connection = Connection.Open(address, deadline, cancel);
            try
            {
                using (cancel.Register(connection.Dispose))
                {
                    if (app != null)
                    {
                        Prove(connection, deadline);
                    }
                    return connection;
                }
            }
            catch (Exception error)
            {
                connection.Dispose();
                if (error is CardeaException)
                {
                    cancel.ThrowIfCancellationRequested();
                }
                throw;
            }
        }

        /// <summary>Lets the program at the other end prove that it knows the app's token.</summary>
        private void Prove(Connection connection, Deadline deadline)
        {
            var nonce = Proof.DrawNonce();
            var question = Request.Get("/v1/health?app=" + Uri.EscapeDataString(app.Id) + "&nonce=" + nonce);
            var head = connection.Send(question, null, deadline);
            var health = Success(head, deadline).Json();
            var boot = health.TextOrNull("boot");
            if (boot == null || !Proof.Holds(health.TextOrNull("proof"), app.Token, nonce, boot, connection.Port))
            {
                throw CardeaException.NotProven();
            }
        }

        /// <summary>All at once, because others on these ports may say nothing at all.</summary>
        private Connection FirstOf(IReadOnlyList<AgentAddress> addresses, Deadline deadline, CancellationToken cancel)
        {
            var lost = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var tries = new List<Task<Connection>>();
            foreach (var address in addresses)
            {
                var one = address;
                tries.Add(Task.Factory.StartNew(
                    () => Connect(one, deadline, lost.Token),
                    CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default));
            }
            var waiting = new List<Task<Connection>>(tries);
            CardeaException best = CardeaException.NotRunning();
            Connection found = null;
            while (waiting.Count > 0 && found == null)
            {
                var done = Task.WhenAny(waiting).Result;
                waiting.Remove(done);
                found = done.Status == TaskStatus.RanToCompletion ? done.Result : null;
                var error = done.Exception?.InnerException as CardeaException;
                best = error != null && error.Kind != ErrorKind.NotRunning ? error : best;
            }
            lost.Cancel();
            var closing = waiting.Select(late => late.ContinueWith(Close, TaskScheduler.Default)).ToArray();
            Task.WhenAll(closing).ContinueWith(all => lost.Dispose(), TaskScheduler.Default);
            cancel.ThrowIfCancellationRequested();
            return found ?? throw best;
        }

        private static void Close(Task<Connection> late)
        {
            // Looking at the error is what makes it seen.
            if (late.Exception == null && late.Status == TaskStatus.RanToCompletion)
            {
                late.Result.Dispose();
            }
        }

        private static Answer Success(Response head, Deadline deadline)
        {
            var body = head.ReadAll(deadline);
            if ((head.Status >= 200 && head.Status < 300) || head.Status == 304)
            {
                return new Answer(head, body);
            }
            throw Problem(head, body)
                ?? (head.Status == 403
                    ? new CardeaException(ErrorKind.Refused, "the agent refused this program without detail")
                    : CardeaException.NotUnderstood());
        }

        private static CardeaException Problem(Response head, byte[] body)
        {
            try
            {
                var document = Json.Parse(body);
                var code = document.Text("code");
                var detail = document.TextOrNull("detail") ?? document.TextOrNull("title") ?? code;
                return new CardeaException(head.Status, code, detail, document.TextOrNull("remedy"), head.RetryAfter);
            }
            catch (CardeaException)
            {
                return null;
            }
        }
    }
}
