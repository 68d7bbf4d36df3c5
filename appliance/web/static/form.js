// The form on somebody else's page:
//   <script src="https://calls.example.com/callbacks/form.js" data-department="sales" data-language="en" async></script>
// It appears where the script stands, or in the element that data-into names (a CSS selector). No cookies; what was
// asked for is remembered until the tab is closed.
(() => {
  "use strict";
  const script = document.currentScript;
  const base = new URL(".", script.src).href.replace(/\/$/, ""); // .../callbacks
  const wanted = script.dataset;
  const remembered = `callback ${base} ${wanted.department || ""}`;
  const LOOK_EVERY = 10000; // milliseconds
  const FAR = 10; // places from the front, where little changes
  const TOO_FAST_AFTER = 30000; // a refusal is not repeated for longer than that

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  const into = wanted.into && document.querySelector(wanted.into);
  into ? into.append(host) : script.after(host);

  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = `${base}/form.css`;
  // What stays: one that announces changes must be there before them.
  const status = element("p", { className: "status", role: "status", tabIndex: -1, hidden: true });
  status.setAttribute("aria-live", "polite");
  const place = element("div");
  root.append(style, status, place);

  let words = { offline: "", sending: "", again: "", cancel: "" };
  let timer = 0;

  function element(name, properties, text) {
    const made = Object.assign(document.createElement(name), properties);
    if (properties && properties.role) made.setAttribute("role", properties.role);
    if (text) made.textContent = text;
    return made;
  }

  function address(path, parameters) {
    const url = new URL(base + path);
    const all = { language: wanted.language, ...parameters };
    for (const [name, value] of Object.entries(all)) if (value) url.searchParams.set(name, value);
    return url;
  }

  async function ask(path, options = {}, parameters = {}) {
    const response = await fetch(address(path, parameters), {
      credentials: "omit",
      referrerPolicy: "no-referrer",
      ...options,
      headers: { Accept: "application/json", ...options.headers },
    });
    const data = await response.json();
    return { ok: response.ok, status: response.status, retry: Number(response.headers.get("Retry-After")), data };
  }

  function remember(token) {
    try {
      token ? sessionStorage.setItem(remembered, token) : sessionStorage.removeItem(remembered);
    } catch {
      // Not allowed here: then it is forgotten with the page.
    }
  }

  function known() {
    try {
      return sessionStorage.getItem(remembered) || "";
    } catch {
      return "";
    }
  }

  function tell(text) {
    status.hidden = !text;
    if (status.textContent !== text) status.textContent = text; // only what is new is read out
  }

  // The form

  async function showForm(focus) {
    clearTimeout(timer);
    tell("");
    let response;
    try {
      response = await fetch(address("/form", { part: "1", department: wanted.department }), {
        credentials: "omit",
        headers: { Accept: "text/html" },
      });
    } catch {
      response = { ok: false };
    }
    if (!response.ok) {
      tell(words.offline || (wanted.language === "ru" ? "Сейчас с нами нет связи." : "We cannot be reached at the moment."));
      timer = setTimeout(showForm, LOOK_EVERY);
      return;
    }
    place.innerHTML = await response.text();
    place.lang = wanted.language || document.documentElement.lang || "";
    const form = place.querySelector("form");
    words = { ...form.dataset };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      send(form);
    });
    const department = form.elements.department;
    department.addEventListener("change", () => showTimes(form));
    showTimes(form);
    if (focus) (department.type === "hidden" ? form.elements.number : department).focus();
  }

  async function showTimes(form) {
    const select = form.elements.time;
    while (select.options.length > 1) select.remove(1);
    if (form.elements.department.value) {
      try {
        const { ok, data } = await ask("/slots", {}, { department: form.elements.department.value });
        for (const slot of ok ? data.slots : []) select.add(new Option(slot.says, slot.time));
      } catch {
        // As soon as possible is always there.
      }
    }
    form.querySelector(".when").hidden = select.options.length < 2;
  }

  function asked(form) {
    const data = { fields: {}, token: known() };
    for (const [name, value] of new FormData(form)) {
      if (name.startsWith("field-")) data.fields[name.slice(6)] = value;
      else data[name] = value;
    }
    return data;
  }

  async function send(form) {
    const button = form.querySelector("button");
    if (button.getAttribute("aria-disabled") === "true") return; // pressed twice
    button.setAttribute("aria-disabled", "true");
    showProblems(form, []);
    tell(words.sending);
    try {
      const body = JSON.stringify(asked(form));
      const options = { method: "POST", body, headers: { "Content-Type": "application/json" } };
      let answer = await ask("", options);
      if (answer.data.error === "too_fast" && answer.retry * 1000 < TOO_FAST_AFTER) {
        await new Promise((over) => setTimeout(over, answer.retry * 1000)); // a browser may fill in forms by itself
        answer = await ask("", options);
      }
      tell("");
      if (answer.ok) {
        remember(answer.data.token);
        showRequest(answer.data, true);
      } else {
        showProblems(form, answer.data.problems || [], answer.data.says);
      }
    } catch {
      tell("");
      showProblems(form, [], words.offline);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  }

  function showProblems(form, problems, says) {
    for (const text of form.querySelectorAll(".problem")) {
      text.hidden = true;
      text.textContent = "";
    }
    for (const input of form.querySelectorAll("[aria-invalid]")) input.removeAttribute("aria-invalid");
    const summary = form.querySelector(".summary");
    summary.textContent = says || "";
    summary.hidden = !says;
    let first = null;
    for (const { field, says: sentence } of problems) {
      const input = form.elements[field];
      const text = root.getElementById(`callback-${field}-problem`);
      if (!input || !text) {
        summary.textContent += ` ${sentence}`;
        continue;
      }
      text.textContent = sentence;
      text.hidden = false;
      input.setAttribute("aria-invalid", "true");
      first = first || input;
    }
    if (says) (first || summary).focus();
  }

  // The request

  function showRequest(data, focus) {
    const isOpen = !["over", "cancelled"].includes(data.state);
    if (!isOpen) remember("");
    tell(data.says);
    if (!place.querySelector(".actions") || focus) {
      place.replaceChildren(element("div", { className: "actions" }));
    }
    const actions = place.firstElementChild;
    const [name, act] = isOpen ? ["cancel", cancel] : ["again", () => showForm(true)];
    const old = actions.querySelector("button");
    if (data.state === "calling") {
      actions.replaceChildren();
    } else if (!old || old.dataset.name !== name) {
      const button = element("button", { type: "button", className: "quiet" }, words[name]);
      button.dataset.name = name;
      button.addEventListener("click", act);
      const hadFocus = root.activeElement === old && old;
      actions.replaceChildren(button);
      if (hadFocus) button.focus();
    }
    if (focus) status.focus();
    clearTimeout(timer);
    if (isOpen) timer = setTimeout(look, data.place > FAR ? 3 * LOOK_EVERY : LOOK_EVERY);
  }

  async function look() {
    try {
      const { ok, status: code, data } = await ask(`/${known()}`);
      if (ok) return showRequest(data, false);
      if (code === 404) {
        remember("");
        return showForm(false);
      }
    } catch {
      // Later.
    }
    timer = setTimeout(look, LOOK_EVERY);
  }

  async function cancel() {
    try {
      const { data } = await ask(`/${known()}`, { method: "DELETE" });
      if (data.state) return showRequest(data, true);
      tell(data.says);
    } catch {
      tell(words.offline);
    }
  }

  async function begin() {
    await showForm(false); // its words are needed in any case
    if (!known()) return;
    try {
      const { ok, data } = await ask(`/${known()}`);
      if (ok && !["over", "cancelled"].includes(data.state)) return showRequest(data, false);
    } catch {
      return;
    }
    remember("");
  }

  begin();
})();
