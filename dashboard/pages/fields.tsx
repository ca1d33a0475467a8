/** The fields of the forms that are an address: each with its label. */
import type { ComponentChildren } from 'preact';

interface FieldParts {
  readonly id: string;
  readonly label: string;
  readonly isWide?: boolean;
  readonly children: ComponentChildren;
}

export function Field({ id, label, isWide = false, children }: FieldParts) {
  return (
    <div class={isWide ? 'field broad' : 'field'}>
      <label for={id}>{label}</label>
      {children}
    </div>
  );
}

interface SelectParts {
  readonly name: string;
  readonly label: string;
  readonly value: string;
  readonly options: readonly (readonly [value: string, text: string])[];
}

export function Select({ name, label, value, options }: SelectParts) {
  return (
    <Field id={name} label={label}>
      <select id={name} name={name}>
        {options.map(([option, text]) => (
          <option value={option} selected={option === value} key={option}>
            {text}
          </option>
        ))}
      </select>
    </Field>
  );
}
