import { useEffect, useRef } from "react";
import type { Diagnostic } from "../api/types";
import { showDiagnostics } from "./diagnostics";
import type { Session } from "./session";

interface Props {
  session: Session;
  label: string;
  readOnly?: boolean;
  diagnostics?: Diagnostic[];
}

/** The view of a session, in a shadow root: there it uses constructed style sheets, which a strict content security policy allows. */
export default function DocumentEditor({ session, label, readOnly = false, diagnostics }: Props) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = host.current;
    if (element === null) return;
    session.mount(element.shadowRoot ?? element.attachShadow({ mode: "open" }));
    return () => session.unmount();
  }, [session]);
  useEffect(() => session.setReadOnly(readOnly), [session, readOnly]);
  useEffect(() => {
    if (diagnostics !== undefined) session.dispatch(showDiagnostics(session.state, diagnostics));
  }, [session, diagnostics]);
  return <div ref={host} className="h-full min-h-0 flex-1 overflow-hidden" data-editor={label} />;
}
