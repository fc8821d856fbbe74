//! Where programs are let in and shown out: pairings, programs added by hand, and the list of both
//! on disk. One lock, held while the list is written, so that what is answered is what is kept.

mod books;
mod listing;
mod store;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use cardea_session::{Scope, ScopeSet};
use tokio::sync::{Mutex, mpsc, watch};
use tokio::time::{Instant, sleep, timeout};
use zeroize::Zeroizing;

use books::{Books, Open};
pub(crate) use listing::{AppListing, PairingListing};
pub use store::kept_apps;
use store::{Added, Store};
pub(crate) use store::{LocalApp, StoreError};

use crate::access::Apps;
use crate::pairing::{Asked, Claim, ClaimedName, Judged, TooMany, Wanted, claim_secret};
use crate::problem::{Code, Problem};
use crate::{Noted, Request as Question, TokenHash};

/// How long the controller may take to take a note.
const NOTE_LIMIT: Duration = Duration::from_secs(1);

/// Lets programs in and shows them out; clones are the same one.
#[derive(Clone, Debug)]
pub(crate) struct Reception(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    books: Mutex<Books>,
    apps: Apps,
    controller: mpsc::Sender<Question>,
    /// The ids of the pairings that wait for the user.
    waiting: watch::Sender<Vec<String>>,
}

/// What a program is told that claims its token.
pub(crate) enum Claimed {
    /// The user has not answered yet.
    Waiting,
    /// It is let in.
    LetIn(Box<LetIn>),
}

/// A program that was let in, with its token, which is told once.
pub(crate) struct LetIn {
    pub(crate) app: LocalApp,
    pub(crate) token: Zeroizing<String>,
}

/// A program that is added by hand.
#[derive(Debug)]
pub(crate) struct NewApp {
    pub(crate) id: String,
    pub(crate) name: ClaimedName,
    pub(crate) scopes: ScopeSet,
    pub(crate) origins: Vec<String>,
}

impl Reception {
    /// Opens the list at `path`, which is made when it is first written.
    pub(crate) fn open(path: PathBuf, apps: Apps, controller: mpsc::Sender<Question>) -> Self {
        let store = Store::open(path);
        apps.set_local(store.apps());
        apps.set_last_uses(store.last_uses());
        Self(Arc::new(Shared {
            books: Mutex::new(Books::new(store)),
            apps,
            controller,
            waiting: watch::Sender::default(),
        }))
    }

    /// A program asks to be let in.
    pub(crate) async fn ask(&self, wanted: Wanted) -> Result<Asked, Problem> {
        if !self.0.apps.now().may_be_paired() {
            return Err(Code::PairingOff.into());
        }
        let mut books = self.books().await;
        let asked = books.desk.ask(wanted, Instant::now()).map_err(too_many)?;
        self.note(Noted::Pairing(asked.app_id.clone())).await;
        Ok(asked)
    }

    /// The pairings that wait for the user.
    pub(crate) async fn waiting(&self) -> Vec<PairingListing> {
        let mut books = self.books().await;
        let waiting = books.desk.waiting(Instant::now());
        waiting.map(PairingListing::of).collect()
    }

    /// Changes each time other pairings wait for the user than did, from now on.
    pub(crate) fn waiting_changes(&self) -> watch::Receiver<Vec<String>> {
        self.0.waiting.subscribe()
    }

    /// Ends the pairings that the user does not answer in time, and all of them when pairing is
    /// switched off, for as long as it is polled. Without it nobody would be told.
    pub(crate) async fn end_in_time(&self) {
        let mut waiting = self.waiting_changes();
        let mut apps = self.0.apps.changes();
        loop {
            waiting.mark_unchanged();
            apps.mark_unchanged();
            let left = {
                let mut books = self.books().await;
                let waiting = books.desk.waiting(Instant::now());
                waiting.map(|pairing| pairing.left).min()
            };
            tokio::select! {
                _ = waiting.changed() => {}
                _ = apps.changed() => {}
                () = sleep(left.unwrap_or_default()), if left.is_some() => {}
            }
        }
    }

    /// The user typed the code that the program shows.
    pub(crate) async fn approve(&self, id: &str, code: &str) -> Result<(), Problem> {
        judged(self.books().await.desk.approve(id, code, Instant::now()))
    }

    /// The user said no.
    pub(crate) async fn decline(&self, id: &str) -> Result<(), Problem> {
        judged(self.books().await.desk.decline(id, Instant::now()))
    }

    /// The program wants its token.
    pub(crate) async fn claim(&self, id: &str, secret: &str) -> Result<Claimed, Problem> {
        let mut books = self.books().await;
        match books.desk.claim(id, secret, Instant::now()) {
            Claim::Waiting => Ok(Claimed::Waiting),
            Claim::Declined => Err(Code::PairingDeclined.into()),
            Claim::Expired => Err(Code::PairingExpired.into()),
            Claim::Unknown => {
                Err(Problem::from(Code::NotFound).detail("There is no such pairing."))
            }
            Claim::Granted { app_id, wanted } => {
                let let_in = self
                    .let_in(&mut books, |hash| LocalApp::paired(app_id, wanted, hash))
                    .await;
                if let_in.is_err() {
                    books.desk.give_back(id, Instant::now());
                }
                let_in.map(|let_in| Claimed::LetIn(Box::new(let_in)))
            }
            Claim::Again { app_id } => {
                // Somebody else has the secret: who of the two is the program cannot be told.
                self.show_out(&mut books, &app_id).await?;
                Err(Problem::from(Code::PairingExpired)
                    .detail("The token of this pairing was fetched before. It is taken back."))
            }
        }
    }

    /// Lets a program in that somebody added by hand.
    pub(crate) async fn add(&self, new: NewApp) -> Result<LetIn, Problem> {
        let mut books = self.books().await;
        if self.0.apps.now().by_id(&new.id).is_some() {
            return Err(Code::AppExists.into());
        }
        self.let_in(&mut books, |hash| LocalApp::added(new, hash))
            .await
    }

    /// Shows a program out: its token is good for nothing, its streams are cut.
    pub(crate) async fn revoke(&self, id: &str) -> Result<(), Problem> {
        let mut books = self.books().await;
        let shown_out = self.show_out(&mut books, id).await?;
        match self.0.apps.now().by_id(id) {
            // Perhaps behind one that was shown out.
            Some(_) => Err(Code::AppManaged.into()),
            None if shown_out => Ok(()),
            None => Err(Problem::from(Code::NotFound).detail("There is no such program.")),
        }
    }

    /// Everybody who may call.
    pub(crate) async fn listings(&self) -> Vec<AppListing> {
        let books = self.books().await;
        let register = self.0.apps.now();
        let grants = register.grants().iter();
        grants
            .filter_map(|grant| AppListing::of(grant, books.store.find(&grant.id)))
            .collect()
    }

    /// Writes down who called when.
    pub(crate) async fn keep_last_uses(&self) {
        let mut books = self.0.books.lock().await;
        let last_uses = self.0.apps.now().last_uses();
        if let Err(error) = books.store.keep_last_uses(last_uses).await {
            tracing::warn!(%error, "who called when is not kept");
        }
        // Another agent of this user may have let programs in or shown them out.
        self.0.apps.set_local(books.store.apps());
    }

    /// The books as they are while pairing is on or off.
    async fn books(&self) -> Open<'_> {
        let mut books = Open::new(self.0.books.lock().await, &self.0.waiting);
        if !self.0.apps.now().may_be_paired() {
            books.desk.close(Instant::now());
        }
        books
    }

    /// Lets a program in whose place on the list `app` makes of its new token.
    async fn let_in(
        &self,
        books: &mut Books,
        app: impl FnOnce(TokenHash) -> LocalApp,
    ) -> Result<LetIn, Problem> {
        let token = claim_secret().map_err(|_| Problem::from(Code::InternalError))?;
        let app = app(TokenHash::of(token.as_bytes()));
        match books.store.add(app.clone()).await {
            Ok(Added::Kept) => {}
            Ok(Added::TooMany) => return Err(Code::TooManyApps.into()),
            Err(error) => return Err(not_saved(&error)),
        }
        self.0.apps.set_local(books.store.apps());
        self.note(Noted::Grant(app.id.clone())).await;
        Ok(LetIn { app, token })
    }

    /// False when the program is none of those that were let in here.
    async fn show_out(&self, books: &mut Books, id: &str) -> Result<bool, Problem> {
        // Out first: a full disk must not keep a program in.
        let stay = books.store.apps().into_iter().filter(|app| app.id != id);
        self.0.apps.set_local(stay.collect());
        let removed = books
            .store
            .remove(id)
            .await
            .map_err(|error| not_saved(&error))?;
        self.0.apps.set_local(books.store.apps());
        if removed {
            self.note(Noted::Revocation(id.to_owned())).await;
        }
        Ok(removed)
    }

    async fn note(&self, noted: Noted) {
        let send = self.0.controller.send(Question::Noted(noted));
        if !matches!(timeout(NOTE_LIMIT, send).await, Ok(Ok(()))) {
            tracing::warn!("the audit lacks a line about a program that was let in or shown out");
        }
    }
}

/// Whether a program can be given `scopes` here; else why not.
pub(crate) fn grantable(scopes: &ScopeSet) -> Result<(), &'static str> {
    if scopes.iter().next().is_none() {
        return Err("scopes must name at least one.");
    }
    if scopes.has(Scope::TokensRead) {
        return Err("tokens:read is given by policy or the machine's settings file only.");
    }
    Ok(())
}

fn too_many(why: TooMany) -> Problem {
    match why {
        TooMany::Waiting => Problem::from(Code::PairingBusy).retry_after(Duration::from_secs(30)),
        TooMany::OfThisCaller { retry_after } => {
            Problem::from(Code::RateLimited).retry_after(retry_after)
        }
        TooMany::NoRandomness => Code::InternalError.into(),
    }
}

fn judged(judged: Judged) -> Result<(), Problem> {
    match judged {
        Judged::Done => Ok(()),
        Judged::WrongCode { left } => Err(Problem::from(Code::PairingCodeWrong).detail(format!(
            "That is not the code that the program shows. Tries left: {left}."
        ))),
        Judged::Over => Err(Code::PairingExpired.into()),
        Judged::Unknown => Err(Problem::from(Code::NotFound).detail("There is no such pairing.")),
    }
}

fn not_saved(error: &StoreError) -> Problem {
    tracing::error!(%error, "the list of programs cannot be written");
    Code::AppsNotSaved.into()
}
