using System;
using System.Diagnostics;

namespace Cardea.Client.Wire
{
    /// <summary>A moment on the monotonic clock until which something may take.</summary>
    internal sealed class Deadline
    {
        private readonly Stopwatch since = Stopwatch.StartNew();
        private readonly TimeSpan limit;

        internal Deadline(TimeSpan limit)
        {
            this.limit = limit;
        }

        /// <summary>What is left, in milliseconds, at least 1.</summary>
        /// <exception cref="CardeaException">Nothing is left.</exception>
        internal int Left()
        {
            var left = (limit - since.Elapsed).TotalMilliseconds;
            if (left <= 0)
            {
                throw CardeaException.TimedOut();
            }
            return Math.Max(1, (int)Math.Min(left, int.MaxValue));
        }
    }
}
