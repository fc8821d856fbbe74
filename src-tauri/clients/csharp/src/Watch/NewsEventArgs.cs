using System;

namespace Cardea.Client
{
    /// <summary>What the program may show now.</summary>
    public sealed class ViewChangedEventArgs : EventArgs
    {
        internal ViewChangedEventArgs(View view)
        {
            View = view;
        }

        /// <summary>The view.</summary>
        public View View { get; }
    }

    /// <summary>What the agent said.</summary>
    public sealed class EventReceivedEventArgs : EventArgs
    {
        internal EventReceivedEventArgs(StreamEvent message)
        {
            Event = message;
        }

        /// <summary>The event.</summary>
        public StreamEvent Event { get; }
    }
}
