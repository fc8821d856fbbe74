using System;

namespace Cardea.Client
{
    /// <summary>Why the agent could not be asked, or did not do what was asked.</summary>
    public enum ErrorKind
    {
        /// <summary>Nobody listens where the agent of this user would.</summary>
        NotRunning,

        /// <summary>The operating system does not let this program connect to the agent.</summary>
        Unreachable,

        /// <summary>The desktop session has no folder in which the agent could be found.</summary>
        NoRuntimeFolder,

        /// <summary>The endpoint file is not one, or names no port.</summary>
        Endpoint,

        /// <summary>The program on the port did not prove that it is the agent; it did not get the token.</summary>
        NotProven,

        /// <summary>The agent answered 403 without detail.</summary>
        Refused,

        /// <summary>The agent said why it did not do it, see <see cref="CardeaException.Code"/>.</summary>
        Problem,

        /// <summary>The agent took too long.</summary>
        TimedOut,

        /// <summary>The agent's answer is not what the API says.</summary>
        Answer,

        /// <summary>The connection to the agent broke.</summary>
        Connection,

        /// <summary>The agent closed the stream.</summary>
        Closed,

        /// <summary>Not a byte came on the stream for half a minute.</summary>
        Silent,
    }

    /// <summary>
    /// Why the agent could not be asked, or did not do what was asked. Nothing in it is a token or
    /// about a person.
    /// </summary>
    public sealed class CardeaException : Exception
    {
        internal CardeaException(ErrorKind kind, string message, Exception cause = null)
            : base(message, cause)
        {
            Kind = kind;
            Remedy = RemedyOf(kind);
        }

        internal CardeaException(int status, string code, string detail, string remedy, TimeSpan? retryAfter)
            : base(detail.TrimEnd('.') + " [" + code + "]")
        {
            Kind = ErrorKind.Problem;
            Status = status;
            Code = code;
            Remedy = remedy ?? "See the agent's log.";
            RetryAfter = retryAfter;
        }

        /// <summary>Which kind of error.</summary>
        public ErrorKind Kind { get; }

        /// <summary>Which problem, see <see cref="ProblemCode"/>; null when it is none.</summary>
        public string Code { get; }

        /// <summary>The problem's HTTP status; 0 when it is none.</summary>
        public int Status { get; }

        /// <summary>What to do about it, for the help desk.</summary>
        public string Remedy { get; }

        /// <summary>When to ask again, where the agent says so.</summary>
        public TimeSpan? RetryAfter { get; }

        private static string RemedyOf(ErrorKind kind)
        {
            switch (kind)
            {
                case ErrorKind.NotRunning: return "Start it with \"cardea run\".";
                case ErrorKind.NoRuntimeFolder: return "Run this inside the desktop session of the user.";
                case ErrorKind.Unreachable: return "Check who owns the agent's files, and the computer's firewall.";
                case ErrorKind.NotProven: return "Check the program's id and token, and which program listens on the port.";
                case ErrorKind.Refused: return "Check that the agent on this port is this user's.";
                case ErrorKind.Endpoint:
                case ErrorKind.Answer: return "Check that this program and the agent are of the same version; see \"cardea doctor\".";
                default: return "Try again; if it stays, restart the agent.";
            }
        }

        internal static CardeaException NotRunning(Exception cause = null) =>
            new CardeaException(ErrorKind.NotRunning, "the agent is not running", cause);

        internal static CardeaException NotProven() => new CardeaException(
            ErrorKind.NotProven, "the program on the agent's port did not prove that it is the agent");

        internal static CardeaException Broken(Exception cause = null) =>
            new CardeaException(ErrorKind.Connection, "the connection to the agent broke", cause);

        internal static CardeaException TimedOut() =>
            new CardeaException(ErrorKind.TimedOut, "the agent did not answer in time");

        /// <summary>What was wrong is not repeated: it may be personal.</summary>
        internal static CardeaException NotUnderstood() =>
            new CardeaException(ErrorKind.Answer, "the agent's answer was not understood");
    }
}
