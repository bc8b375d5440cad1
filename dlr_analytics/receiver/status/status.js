// The page fetches itself and takes over what has changed; an open list of steps stays open.
setInterval(async () => {
  const state = document.getElementById("state");
  try {
    const answer = await fetch("./", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(answer.status);
    const next = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.title = next.title;
    state.className = next.getElementById("state").className;
    const wasOpen = document.querySelector("details")?.open;
    const hadFocus = document.activeElement?.id;
    for (const id of ["kicker", "state", "now"]) {
      const old = document.getElementById(id), fresh = next.getElementById(id);
      if (old.innerHTML !== fresh.innerHTML) old.innerHTML = fresh.innerHTML;
    }
    const steps = document.querySelector("details");
    if (steps && wasOpen) steps.open = true;
    if (hadFocus && document.activeElement?.id !== hadFocus) {
      document.getElementById(hadFocus)?.focus({ preventScroll: true });
    }
  } catch {
    const gone = "The receiver does not answer";
    if (state.textContent !== gone) state.textContent = document.title = gone;
    state.className = "bad";
  }
}, 2000);
