//! Each role's main job: the pages on the way, and what is pressed there.

use std::path::Path;

use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use jiff::SignedDuration;
use serde_json::json;
use tidstro_identity::Totp;
use tidstro_world::Town;

use super::BrowseFault;
use super::demo::{Demo, Driver, LogIn};
use super::look::{WIDTHS, picture, wrong};
use crate::crash::now;

/// The languages that are walked.
pub(super) const LANGUAGES: [&str; 2] = ["da", "en"];

/// What somebody does on the page they are on.
#[derive(Debug, Clone)]
pub(super) enum Step {
    /// Goes to an address.
    Go(&'static str),
    /// Follows the first link or presses the first button that fits.
    Press(&'static str),
    /// Types into a field.
    Type(&'static str, String),
}

/// A role, and what it does.
pub(super) struct Walk {
    pub(super) who: &'static str,
    pub(super) name: &'static str,
    pub(super) steps: Vec<Step>,
}

/// The walks, in the order of the navigation.
pub(super) fn walks() -> Vec<Walk> {
    use Step::{Go, Press, Type};
    let walk = |who, name, steps: &[Step]| Walk { who, name, steps: steps.to_vec() };
    vec![
        walk(
            "resident",
            "beboer@example.org",
            &[
                Go("/home"),
                Press("main a[href^='/home/']"),
                Press("a[href*='span=year']"),
                Go("/my-data"),
                Go("/my-data/log"),
                Go("/account"),
            ],
        ),
        walk(
            "clerk",
            "mikkel",
            &[
                Go("/desk/meter-data"),
                Go("/desk/meter-data/findings"),
                Press("main table a"),
                Go("/desk/meter-data/alarms"),
                Go("/desk/meter-data/silent"),
                Go("/desk/meter-data/telegrams"),
            ],
        ),
        walk(
            "administrator",
            "gitte",
            &[
                Go("/desk/buildings"),
                Press("main table a"),
                Press("main table a, main li a"),
                Go("/desk/buildings/letters"),
            ],
        ),
        walk(
            "officer",
            "dpo",
            &[
                Go("/desk/governance"),
                Go("/desk/governance/register"),
                Go("/desk/governance/log"),
                Go("/desk/governance/retention"),
                Go("/desk/governance/subject"),
                Type("input[name=reference]", Town::person_reference(0)),
                Press("main form button"),
            ],
        ),
        walk("access", "ivan", &[Go("/desk/access"), Go("/desk/access/review"), Go("/desk/access/tokens")]),
    ]
}

/// A browser at the portal.
pub(super) struct Walker<'a> {
    client: Client,
    demo: &'a Demo,
    with_script: bool,
}

impl<'a> Walker<'a> {
    /// Opens a browser of its own, with nothing remembered.
    pub(super) async fn open(
        driver: &Driver,
        demo: &'a Demo,
        with_script: bool,
    ) -> Result<Self, BrowseFault> {
        // 2: blocked (Chromium's content settings).
        let script = if with_script { 1 } else { 2 };
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"],
            "prefs": { "profile.managed_default_content_settings.javascript": script },
        });
        let capabilities = [("goog:chromeOptions".to_owned(), options)].into_iter().collect();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&driver.address)
            .await?;
        Ok(Self { client, demo, with_script })
    }

    async fn go(&self, path: &str) -> Result<(), BrowseFault> {
        Ok(self.client.goto(&format!("{}{path}", self.demo.address)).await?)
    }

    async fn press(&self, what: &str) -> Result<(), BrowseFault> {
        Ok(self.client.find(Locator::Css(what)).await?.click().await?)
    }

    async fn type_into(&self, what: &str, text: &str) -> Result<(), BrowseFault> {
        Ok(self.client.find(Locator::Css(what)).await?.send_keys(text).await?)
    }

    /// Logs in as somebody types it; gives the cookie of the session, for the other browsers of the same walk: a code is good once.
    pub(super) async fn logged_in(self, walk: &Walk) -> Result<String, BrowseFault> {
        let LogIn { name, password, secret } = self.demo.log_in(walk.name)?;
        self.go("/log-in").await?;
        self.type_into("input[name=name]", &name).await?;
        self.type_into("input[name=password]", &password).await?;
        self.press("main form button").await?;
        if let Some(secret) = secret {
            // The demo used the code of its own moment; that of the next one is good already.
            let program = Totp::parse(&secret).ok_or(BrowseFault::NoLogIn(walk.name))?;
            let code = program.code_at(now() + SignedDuration::from_secs(30));
            self.type_into("input[name=code]", &code).await?;
            self.press("main form button").await?;
        }
        let cookie = self.client.get_named_cookie("session").await?.value().to_owned();
        self.client.close().await?;
        Ok(cookie)
    }

    /// Walks; gives how many pages were looked at.
    pub(super) async fn goes(
        self,
        walk: &Walk,
        (language, cookie): (&str, &str),
        (pictures, axe): (&Path, &str),
    ) -> Result<usize, BrowseFault> {
        self.go("/cookies").await?;
        for (name, value) in [("session", cookie), ("language", language)] {
            let set = format!("document.cookie = '{name}={value}; path=/'");
            self.client.execute(&set, Vec::new()).await?;
        }
        let mut pages = 0;
        for step in &walk.steps {
            match step {
                Step::Go(path) => self.go(path).await?,
                Step::Press(what) => self.press(what).await?,
                Step::Type(what, text) => {
                    self.type_into(what, text).await?;
                    continue;
                }
            }
            pages += 1;
            let name = format!(
                "{}-{language}-{}-{pages}",
                walk.who,
                if self.with_script { "script" } else { "plain" }
            );
            self.look(walk, language, (&pictures.join(name), axe)).await?;
        }
        self.client.close().await?;
        Ok(pages)
    }

    /// Looks at the page that is shown, as wide as a phone and as a desk.
    async fn look(&self, walk: &Walk, language: &str, (name, axe): (&Path, &str)) -> Result<(), BrowseFault> {
        for width in WIDTHS {
            self.client.set_window_size(width, 900).await?;
            let wrong = wrong(&self.client, language, self.with_script.then_some(axe)).await?;
            let file = format!("{}-{width}.png", name.display());
            picture(&self.client, Path::new(&file)).await?;
            if !wrong.is_empty() {
                let path = self.client.current_url().await?.path().to_owned();
                let who = format!("{} at {width} px", walk.who);
                return Err(BrowseFault::Page { who, path, what: wrong.join("; ") });
            }
        }
        Ok(())
    }
}
