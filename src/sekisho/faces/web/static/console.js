// Passkeys, and care with what refreshes itself. Everything else on these pages works without a script.
"use strict";

const hex = (buffer) => Array.from(new Uint8Array(buffer), (b) => b.toString(16).padStart(2, "0")).join("");
const bytes = (text) => Uint8Array.from(text.match(/../g) || [], (pair) => parseInt(pair, 16));

async function assertion(form) {
  const credential = await navigator.credentials.get({
    publicKey: { challenge: bytes(form.dataset.digest), rpId: form.dataset.rp, userVerification: "required", timeout: 120000 },
  });
  const answer = credential.response;
  form.elements.signature.value = hex(answer.signature);
  form.elements.client_data.value = hex(answer.clientDataJSON);
  form.elements.authenticator_data.value = hex(answer.authenticatorData);
  if (form.elements.person) {
    form.elements.person.value = answer.userHandle ? new TextDecoder().decode(answer.userHandle) : "";
  }
}

async function registration(form) {
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(JSON.parse(form.dataset.options));
  const credential = await navigator.credentials.create({ publicKey });
  form.elements.credential.value = JSON.stringify(credential.toJSON());
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const trouble = form.querySelector("[data-trouble]");
    const button = form.querySelector("button");
    trouble.hidden = true;
    button.disabled = true;
    try {
      await (form.dataset.passkey === "enrol" ? registration(form) : assertion(form));
      form.submit();
    } catch (error) {
      trouble.hidden = false;
      button.disabled = false;
      button.focus();
    }
  });
}

// Nobody's focus is taken away by a refresh, and a page nobody looks at asks for nothing.
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id !== "state") return;
  const held = ["state", "findings", "waiting-now"].some((id) => document.getElementById(id)?.contains(document.activeElement));
  if (held || document.hidden) event.preventDefault();
});
