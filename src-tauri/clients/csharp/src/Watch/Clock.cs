using System;
using System.Diagnostics;

namespace Cardea.Client.Watching
{
    /// <summary>A moment on both clocks.</summary>
    internal struct Moment
    {
        internal Moment(TimeSpan monotonic, DateTime wall)
        {
            Monotonic = monotonic;
            Wall = wall;
        }

        internal TimeSpan Monotonic { get; }

        /// <summary>UTC.</summary>
        internal DateTime Wall { get; }
    }

    /// <summary>Both clocks.</summary>
    internal interface IClock
    {
        Moment Now();
    }

    /// <summary>Those of this computer.</summary>
    internal sealed class SystemClock : IClock
    {
        private readonly Stopwatch since = Stopwatch.StartNew();

        public Moment Now() => new Moment(since.Elapsed, DateTime.UtcNow);
    }
}
