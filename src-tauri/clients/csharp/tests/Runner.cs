using System;
using System.Linq;
using System.Reflection;
using System.Threading;

namespace Cardea.Client.Tests
{
    /// <summary>Marks a test: a method without parameters that throws when it fails.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    internal sealed class TestAttribute : Attribute
    {
    }

    /// <summary>Runs all tests, or those whose name has the argument in it; framework enough for these.</summary>
    internal static class Runner
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

        private static int Main(string[] arguments)
        {
            var wanted = arguments.FirstOrDefault() ?? "";
            const BindingFlags methods = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;
            var tests = typeof(Runner).Assembly.GetTypes()
                .SelectMany(type => type.GetMethods(methods))
                .Where(method => method.GetCustomAttribute<TestAttribute>() != null)
                .Where(method => NameOf(method).Contains(wanted))
                .OrderBy(NameOf)
                .ToArray();
            var failed = tests.Count(test => !Holds(test));
            var verdict = failed == 0 && tests.Length > 0 ? "ok" : "FAILED";
            Console.WriteLine("\ntest result: " + verdict + ". " + (tests.Length - failed) + " passed; " + failed + " failed; 0 ignored");
            return verdict == "ok" ? 0 : 1;
        }

        private static bool Holds(MethodInfo test)
        {
            Exception error = null;
            var thread = new Thread(() => error = Run(test)) { IsBackground = true };
            thread.Start();
            if (!thread.Join(Limit))
            {
                error = new TimeoutException("it does not end");
            }
            Console.WriteLine("test " + NameOf(test) + " ... " + (error == null ? "ok" : "FAILED\n" + error));
            return error == null;
        }

        private static Exception Run(MethodInfo test)
        {
            try
            {
                test.Invoke(null, null);
                return null;
            }
            catch (TargetInvocationException error)
            {
                return error.InnerException;
            }
        }

        private static string NameOf(MethodInfo test) => test.DeclaringType.Name + "." + test.Name;
    }

    /// <summary>What a test expects.</summary>
    internal static class Expect
    {
        internal static void True(bool holds, string what)
        {
            if (!holds)
            {
                throw new InvalidOperationException("not so: " + what);
            }
        }

        internal static void Same<T>(T expected, T seen, string where = "")
        {
            True(Equals(expected, seen), where + " expected " + expected + ", seen " + seen);
        }

        internal static void Words(string expected, params string[] seen) => Same(expected, string.Join(" ", seen));

        internal static CardeaException Error(ErrorKind kind, Action work)
        {
            try
            {
                work();
            }
            catch (AggregateException error) when (error.InnerException is CardeaException)
            {
                return Of(kind, (CardeaException)error.InnerException);
            }
            catch (CardeaException error)
            {
                return Of(kind, error);
            }
            throw new InvalidOperationException("no error where " + kind + " was expected");
        }

        private static CardeaException Of(ErrorKind kind, CardeaException error)
        {
            Same(kind, error.Kind, error.Message);
            return error;
        }
    }
}
