using System;
using System.Diagnostics;
using System.IO;
using Cardea.Client.Wire;

namespace Cardea.Client
{
    /// <summary>What the agent writes into its endpoint file, which only its user can read.</summary>
    public sealed class Endpoint
    {
        private const int LongestFile = 64 * 1024;

        private Endpoint(Json content)
        {
            Url = content.TextOrNull("url");
            ProcessId = (int)content.Number("pid");
            Version = content.Text("version");
            Boot = content.Text("boot");
            Environment = content.Text("environment");
        }

        /// <summary>Where the API is, for instance <c>http://127.0.0.1:28080</c>; null when the agent has no port.</summary>
        public string Url { get; }

        /// <summary>The agent's process.</summary>
        public int ProcessId { get; }

        /// <summary>The agent's version.</summary>
        public string Version { get; }

        /// <summary>This run of the agent.</summary>
        public string Boot { get; }

        /// <summary>Which CIS2: <c>live</c>, <c>int</c>, <c>custom</c> or <c>simulated</c>.</summary>
        public string Environment { get; }

        /// <summary>Where the endpoint file of this user and desktop session is.</summary>
        /// <exception cref="CardeaException"><see cref="ErrorKind.NoRuntimeFolder"/></exception>
        public static string File()
        {
            if (System.Environment.OSVersion.Platform == PlatformID.Win32NT)
            {
                // The folder may follow its user to other computers, and one user may have several sessions.
                using (var self = Process.GetCurrentProcess())
                {
                    var name = "endpoint-" + System.Environment.MachineName + "-" + self.SessionId + ".json";
                    return Path.Combine(Folder("LOCALAPPDATA"), "Cardea", name);
                }
            }
            return Path.Combine(Folder("XDG_RUNTIME_DIR"), "cardea", "endpoint.json");
        }

        /// <summary>Reads an endpoint file.</summary>
        /// <exception cref="CardeaException">
        /// <see cref="ErrorKind.NotRunning"/> when there is none, <see cref="ErrorKind.Endpoint"/> when
        /// it is something else.
        /// </exception>
        public static Endpoint Read(string file)
        {
            byte[] content;
            try
            {
                content = Start(file);
            }
            catch (Exception error) when (error is FileNotFoundException || error is DirectoryNotFoundException)
            {
                throw CardeaException.NotRunning(error);
            }
            catch (Exception error) when (error is IOException || error is UnauthorizedAccessException)
            {
                throw new CardeaException(ErrorKind.Unreachable, "the agent's endpoint file cannot be opened", error);
            }
            try
            {
                return new Endpoint(Json.Parse(content));
            }
            catch (CardeaException)
            {
                throw new CardeaException(ErrorKind.Endpoint, "the agent's endpoint file cannot be read");
            }
        }

        internal AgentAddress Address()
        {
            if (Url == null)
            {
                throw new CardeaException(ErrorKind.Endpoint, "the agent has no port");
            }
            try
            {
                return AgentAddress.Parse(Url);
            }
            catch (ArgumentException)
            {
                throw new CardeaException(ErrorKind.Endpoint, "the agent's endpoint file names no address of this computer");
            }
        }

        private static string Folder(string variable)
        {
            var folder = System.Environment.GetEnvironmentVariable(variable);
            if (string.IsNullOrEmpty(folder) || !Path.IsPathRooted(folder))
            {
                throw new CardeaException(ErrorKind.NoRuntimeFolder, "the agent cannot be found: " + variable + " is not set");
            }
            return folder;
        }

        private static byte[] Start(string file)
        {
            // The agent may replace or remove it at any time.
            const FileShare shared = FileShare.ReadWrite | FileShare.Delete;
            using (var stream = new FileStream(file, FileMode.Open, FileAccess.Read, shared))
            {
                var content = new byte[LongestFile];
                var length = 0;
                for (int read; (read = stream.Read(content, length, content.Length - length)) > 0;)
                {
                    length += read;
                }
                Array.Resize(ref content, length);
                return content;
            }
        }
    }
}
