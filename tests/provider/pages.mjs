// The provider's own two pages: the passcode, then the role. No script, so that they work anywhere.

const escape = (text) => String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);

const page = (title, body) => `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(title)}</title>
<style>
body { font: 19px/1.5 Arial, "DejaVu Sans", sans-serif; margin: 3rem auto; max-width: 34rem; padding: 0 1rem; color: #212b32 }
button, input { font: inherit; padding: .5rem 1rem; border: 2px solid #4c6272; border-radius: 4px }
button { display: block; margin: 1rem 0; background: #007f3b; color: #fff; border-color: #007f3b; text-align: left; cursor: pointer }
.note { color: #4c6272 } .error { color: #d5281b; font-weight: bold }
</style>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
${body}
<p class="note">A provider for tests. It knows nobody real.</p>
</main>
</body>
</html>`;

export const passcodePage = (wrong) => page('Put in your Smartcard', `
${wrong ? '<p class="error" role="alert">That passcode is not known here.</p>' : ''}
<form method="post">
<label for="pin">Passcode</label>
<input id="pin" name="pin" type="password" inputmode="numeric" autocomplete="off" autofocus required>
<button>Continue</button>
</form>
<form method="post"><button name="refuse" value="yes">Cancel</button></form>`);

export const rolePage = (person) => page('Choose your role', `
<form method="post">
${person.roles.map((role) => `<button name="role" value="${escape(role.person_roleid)}">${
  escape(role.role_name.split(':').at(-1).replaceAll('"', ''))
} at ${
  escape(person.organisations.find(({ org_code }) => org_code === role.org_code).org_name)
}</button>`).join('\n')}
</form>`);

export const errorPage = (error, description) => page('This sign-in cannot go on', `
<p class="error" role="alert">${escape(error)}</p><p>${escape(description ?? '')}</p>`);

/** Asks before everybody is told; `form` is the library's own. */
export const signOutPage = (form) => page('Sign out of CIS2?', `
${form}
<button form="op.logoutForm" name="logout" value="yes">Sign out</button>`);

export const signedOutPage = () => page('You are signed out of CIS2', '');
