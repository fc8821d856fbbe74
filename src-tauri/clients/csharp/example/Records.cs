using System;
using System.Linq;
using System.Threading.Tasks;
using Cardea.Client;

/// <summary>
/// A clinical program at its smallest: it says what it would show, and does what it is told.
/// <code>
/// Records.exe ID [ENVIRONMENT]           the token is the first line of its input
/// Records.exe --pair NAME [ENVIRONMENT]  asks the user to be let in
/// </code>
/// Then, a line each: app, session, login, reauthenticate, logout, activity, tokens, unpair.
/// </summary>
internal static class Records
{
    private static int Main(string[] arguments)
    {
        try
        {
            var pairs = arguments[0] == "--pair";
            var app = pairs ? Pair(arguments[1]).Result : new App(arguments[0], new Token(Console.ReadLine()));
            var client = CardeaClient.Discover(app);
            var environment = arguments.Skip(pairs ? 2 : 1).FirstOrDefault() ?? "live";
            using (var watch = new SessionWatch(client, new[] { environment }))
            {
                watch.ViewChanged += (sender, news) => Console.WriteLine(news.View);
                watch.Start();
                for (string order; (order = Console.ReadLine()) != null;)
                {
                    Console.WriteLine(order + ": " + Do(client, order).Result);
                }
            }
            return 0;
        }
        catch (AggregateException error)
        {
            Console.Error.WriteLine(Said((CardeaException)error.InnerException));
            return 1;
        }
    }

    private static async Task<App> Pair(string name)
    {
        var client = CardeaClient.Discover();
        var pairing = await client.AskToPairAsync(name, new[] { "session:read", "session:control" });
        Console.WriteLine("code " + pairing.Code);
        var paired = await client.WaitUntilPairedAsync(pairing);
        Console.WriteLine("paired " + paired.App.Id);
        return paired.App;
    }

    private static async Task<string> Do(CardeaClient client, string order)
    {
        try
        {
            switch (order)
            {
                case "app": return (await client.AppAsync()).Name;
                case "session": return (await client.SessionAsync()).Snapshot.State;
                case "login": return await Started(client.LoginAsync());
                case "reauthenticate": return await Started(client.LoginAsync(LoginMode.Reauthenticate));
                case "logout": await client.LogoutAsync(); break;
                case "activity": await client.ActivityAsync(); break;
                case "tokens": return (await client.TokensAsync()).ClientId;
                case "unpair": await client.UnpairAsync(); break;
                default: return "no such order";
            }
            return "done";
        }
        catch (CardeaException error)
        {
            return Said(error);
        }
    }

    private static async Task<string> Started(Task<string> login)
    {
        await login;
        return "started";
    }

    private static string Said(CardeaException error) => error.Message + "; " + error.Remedy;
}
