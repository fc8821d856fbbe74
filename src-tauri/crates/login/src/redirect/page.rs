//! The pages and headers that the browser gets: no script, nothing stored, nothing passed on.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderValue, LOCATION,
    REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{Response, StatusCode};
use http_body_util::Full;

use super::strings::Texts;
use super::{Language, Outcome};

pub(super) type Page = Response<Full<Bytes>>;

const STYLE: &str = "body{margin:0;background:#f0f4f5;color:#212b32;font:1.1875rem/1.5 Arial,sans-serif}main{max-width:40rem;margin:3rem auto;padding:2rem;background:#fff;border-top:.5rem solid #005eb8}h1{margin:0 0 1rem;font-size:2rem;line-height:1.25}p{margin:0 0 1rem}code{font-size:1rem}";

/// Says how the attempt ended.
pub(super) fn result(language: Language, outcome: Option<Outcome>) -> Page {
    let code = outcome.and_then(|outcome| match outcome {
        Outcome::SignedIn => None,
        Outcome::NotSignedIn(code) => Some(code.as_str()),
    });
    page(StatusCode::OK, language, language.texts(outcome), code)
}

/// Answers a request that does not belong to the login.
pub(super) fn stray(language: Language) -> Page {
    page(StatusCode::BAD_REQUEST, language, language.stray(), None)
}

/// Sends the browser on to `path`.
pub(super) fn onward(path: &str) -> Page {
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SEE_OTHER;
    if let Ok(path) = HeaderValue::from_str(path) {
        response.headers_mut().insert(LOCATION, path);
    }
    guard(response)
}

fn page(status: StatusCode, language: Language, texts: Texts, code: Option<&str>) -> Page {
    let Texts {
        heading,
        advice,
        code_label,
    } = texts;
    let lang = language.tag();
    let code = code.map_or_else(String::new, |code| {
        format!("<p>{code_label} <code>{code}</code></p>")
    });
    let html = format!(
        "<!doctype html>\n<html lang=\"{lang}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width\">\
         <title>{heading} - Cardea</title><style>{STYLE}</style></head>\
         <body><main><h1>{heading}</h1><p>{advice}</p>{code}</main></body></html>\n"
    );
    let mut response = Response::new(Full::from(html));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    headers.insert(CONTENT_TYPE, html);
    headers.insert(CONTENT_LANGUAGE, HeaderValue::from_static(lang));
    guard(response)
}

fn guard(mut response: Page) -> Page {
    let headers = response.headers_mut();
    let fixed = HeaderValue::from_static;
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy()) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    headers.insert(CACHE_CONTROL, fixed("no-store"));
    headers.insert(REFERRER_POLICY, fixed("no-referrer"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, fixed("nosniff"));
    headers.insert(X_FRAME_OPTIONS, fixed("DENY"));
    headers.insert("cross-origin-opener-policy", fixed("same-origin"));
    headers.insert("cross-origin-resource-policy", fixed("same-origin"));
    response
}

/// Nothing is allowed but the one style that the page has.
fn content_security_policy() -> String {
    let hash = STANDARD.encode(digest::digest(&digest::SHA256, STYLE.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use cardea_session::FailureCode;
    use http_body_util::BodyExt;

    use super::*;

    async fn text(page: Page) -> String {
        let body = page.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(body.to_vec()).unwrap()
    }

    #[test]
    fn every_answer_forbids_scripts_storing_framing_and_referrers() {
        for page in [
            result(Language::English, Some(Outcome::SignedIn)),
            stray(Language::Welsh),
            onward("/callback/result"),
        ] {
            let header = |name: &str| page.headers()[name].to_str().unwrap().to_owned();
            let policy = header("content-security-policy");
            assert!(policy.starts_with("default-src 'none'; style-src 'sha256-"));
            assert!(!policy.contains("unsafe") && !policy.contains("script"));
            assert!(policy.contains("frame-ancestors 'none'"));
            assert_eq!(header("cache-control"), "no-store");
            assert_eq!(header("referrer-policy"), "no-referrer");
            assert_eq!(header("x-content-type-options"), "nosniff");
        }
    }

    #[tokio::test]
    async fn the_page_is_in_the_users_language_and_has_no_script() {
        let refused = Some(Outcome::NotSignedIn(FailureCode::SmartcardRequired));
        for (language, lang, heading) in [
            (Language::English, "en", "You are not signed in"),
            (Language::Welsh, "cy", "Nid ydych wedi mewngofnodi"),
        ] {
            let page = result(language, refused);
            assert_eq!(page.headers()["content-language"], lang);
            let html = text(page).await;
            assert!(html.contains(&format!("<html lang=\"{lang}\">")));
            assert!(html.contains(&format!("<h1>{heading}</h1>")));
            assert!(html.contains("<code>smartcard_required</code>"));
            assert!(!html.contains("<script"));
        }
    }

    #[tokio::test]
    async fn there_is_a_page_for_every_outcome() {
        let signed_in = text(result(Language::English, Some(Outcome::SignedIn))).await;
        let waiting = text(result(Language::English, None)).await;
        assert!(signed_in.contains("You are signed in") && !signed_in.contains("<code>"));
        assert!(waiting.contains("taking longer"));
    }
}
