using System;

namespace Cardea.Client.Wire
{
    /// <summary>A successful answer (2xx or 304), read to its end.</summary>
    internal sealed class Answer
    {
        internal Answer(Response head, byte[] body)
        {
            Status = head.Status;
            Tag = head.Header("ETag");
            RetryAfter = head.RetryAfter;
            Body = body;
        }

        internal int Status { get; }

        internal string Tag { get; }

        internal TimeSpan? RetryAfter { get; }

        private byte[] Body { get; }

        internal Json Json() => Wire.Json.Parse(Body);
    }
}
