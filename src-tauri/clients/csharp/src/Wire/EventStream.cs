using System;

namespace Cardea.Client.Wire
{
    /// <summary>The open event stream; closing its connection ends every wait on it.</summary>
    internal sealed class EventStream
    {
        private readonly BodyReader body;
        private readonly TimeSpan longestSilence;
        private readonly EventParser parser = new EventParser();
        private readonly byte[] buffer = new byte[16 * 1024];
        private int start;
        private int end;

        internal EventStream(BodyReader body, string after, TimeSpan longestSilence)
        {
            this.body = body;
            this.longestSilence = longestSilence;
            LastId = after;
        }

        /// <summary>The message to resume after.</summary>
        internal string LastId { get; private set; }

        /// <summary>Waits for the next message, heartbeats among them.</summary>
        internal StreamEvent Next()
        {
            while (true)
            {
                var block = parser.Read(buffer, ref start, end);
                if (block != null)
                {
                    var message = new StreamEvent(Json.Parse(block.Data));
                    LastId = block.Id ?? LastId;
                    return message;
                }
                start = 0;
                end = Fill();
            }
        }

        private int Fill()
        {
            int read;
            try
            {
                read = body.Read(buffer, new Deadline(longestSilence));
            }
            catch (CardeaException error) when (error.Kind == ErrorKind.TimedOut)
            {
                throw new CardeaException(ErrorKind.Silent, "the agent fell silent");
            }
            return read > 0 ? read : throw new CardeaException(ErrorKind.Closed, "the agent closed the stream");
        }
    }
}
