import { t } from "../messages";

/** The heads of a table's columns. One without a name holds what goes without saying, such as a row's buttons, and has one for those who hear it. */
export const ColumnHeads = ({ columns }: { columns: string[] }) =>
  columns.map((column) => (
    <span key={column} role="columnheader">
      {column === "" ? <span className="sr-only">{t.common.more}</span> : column}
    </span>
  ));
