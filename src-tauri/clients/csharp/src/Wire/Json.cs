using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Runtime.Serialization.Json;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace Cardea.Client.Wire
{
    /// <summary>
    /// A JSON object that came from the agent, read by the framework's own bounded reader. What is
    /// missing or of another kind is an answer that was not understood; what is unknown is left alone.
    /// </summary>
    internal sealed class Json
    {
        private const int Deepest = 32;

        private readonly XElement element;

        private Json(XElement element)
        {
            this.element = element;
            if (Kind(element) != "object")
            {
                throw CardeaException.NotUnderstood();
            }
        }

        internal static Json Parse(byte[] text)
        {
            var quotas = new XmlDictionaryReaderQuotas
            {
                MaxDepth = Deepest,
                MaxStringContentLength = Limits.LongestAnswer,
                MaxBytesPerRead = Limits.LongestAnswer,
                MaxNameTableCharCount = Limits.LongestAnswer,
            };
            try
            {
                using (var reader = JsonReaderWriterFactory.CreateJsonReader(text, quotas))
                {
                    return new Json(XElement.Load(reader));
                }
            }
            catch (Exception error) when (error is XmlException || error is InvalidOperationException
                || error is ArgumentException || error is FormatException)
            {
                // Its message may repeat what stands there.
                throw CardeaException.NotUnderstood();
            }
        }

        internal string Text(string name) => TextOrNull(name) ?? throw CardeaException.NotUnderstood();

        internal string TextOrNull(string name) => Find(name, "string")?.Value;

        internal bool Flag(string name) => Find(name, "boolean")?.Value == "true";

        internal long Number(string name)
        {
            var text = Find(name, "number")?.Value;
            if (!long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number))
            {
                throw CardeaException.NotUnderstood();
            }
            return number;
        }

        internal DateTimeOffset Time(string name) => TimeOrNull(name) ?? throw CardeaException.NotUnderstood();

        internal DateTimeOffset? TimeOrNull(string name)
        {
            var text = TextOrNull(name);
            if (text == null)
            {
                return null;
            }
            const DateTimeStyles style = DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal;
            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, style, out var time))
            {
                throw CardeaException.NotUnderstood();
            }
            return time;
        }

        internal Json ObjectOrNull(string name)
        {
            var found = Find(name, "object");
            return found == null ? null : new Json(found);
        }

        internal T ObjectOrNull<T>(string name, Func<Json, T> read)
            where T : class
        {
            var found = ObjectOrNull(name);
            return found == null ? null : read(found);
        }

        internal IReadOnlyList<T> Objects<T>(string name, Func<Json, T> read) =>
            Items(name).Select(item => read(new Json(item))).ToArray();

        internal IReadOnlyList<string> Texts(string name)
        {
            var items = Items(name);
            if (items.Any(item => Kind(item) != "string"))
            {
                throw CardeaException.NotUnderstood();
            }
            return items.Select(item => item.Value).ToArray();
        }

        /// <summary>A string as JSON writes it.</summary>
        internal static string Quote(string text)
        {
            var quoted = new StringBuilder("\"");
            foreach (var letter in text)
            {
                if (letter == '"' || letter == '\\' || letter < ' ' || char.IsSurrogate(letter))
                {
                    quoted.Append("\\u").Append(((int)letter).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    quoted.Append(letter);
                }
            }
            return quoted.Append('"').ToString();
        }

        private IReadOnlyList<XElement> Items(string name) =>
            Find(name, "array")?.Elements().ToArray() ?? new XElement[0];

        private XElement Find(string name, string kind)
        {
            var found = element.Elements(name).ToArray();
            if (found.Length == 0 || (found.Length == 1 && Kind(found[0]) == "null"))
            {
                return null;
            }
            if (found.Length > 1 || Kind(found[0]) != kind)
            {
                throw CardeaException.NotUnderstood();
            }
            return found[0];
        }

        private static string Kind(XElement element) => (string)element.Attribute("type");
    }
}
