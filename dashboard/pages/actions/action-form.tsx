/** The form that asks before an action is done: what it means, what can be chosen, yes or no. */
import type { ComponentChildren } from 'preact';
import type { ActionKind } from '../../operator-actions.ts';
import type { ActionTexts } from '../../texts/action-words.ts';

interface FormParts {
  readonly kind: ActionKind;
  /** As the link brought them. */
  readonly fields: Readonly<Record<string, string>>;
  readonly to: string;
  readonly texts: ActionTexts;
  /** Configured cities, to choose from. */
  readonly cities: readonly string[];
  readonly formKey: string;
  readonly csrf: string;
}

/** Fields that are handed on unseen: the page's title names them. */
const carried = ['city', 'breaker', 'node', 'execution'];

export function ActionForm({ kind, fields, to, texts, cities, formKey, csrf }: FormParts) {
  const words = texts.kinds[kind];
  const hidden = carried.filter((name) => fields[name] !== undefined && !(kind === 'run' && name === 'city'));
  return (
    <form method="post" action={`/actions/${kind}`} class="ask">
      <p>{words.meaning}</p>
      {fields['execution'] === undefined ? null : <p class="soft">{fields['execution']}</p>}
      <input type="hidden" name="_csrf" value={csrf} />
      <input type="hidden" name="key" value={formKey} />
      <input type="hidden" name="to" value={to} />
      {hidden.map((name) => (
        <input type="hidden" name={name} value={fields[name]} key={name} />
      ))}
      {kind === 'run' ? <RunFields fields={fields} texts={texts} cities={cities} /> : null}
      {kind === 'set-limits' ? <LimitFields fields={fields} texts={texts} /> : null}
      <p class="soft">{texts.recorded}</p>
      <p class="choices">
        <button type="submit">{texts.confirm}</button>
        <a href={to}>{texts.cancel}</a>
      </p>
    </form>
  );
}

type FieldParts = Pick<FormParts, 'fields' | 'texts'>;

function RunFields({ fields, texts, cities }: FieldParts & Pick<FormParts, 'cities'>) {
  return (
    <>
      <Field name="city" label={texts.kinds.run.title('')}>
        <select id="city" name="city">
          <option value="">{texts.allCities}</option>
          {cities.map((city) => (
            <option value={city} selected={city === fields['city']} key={city}>
              {city}
            </option>
          ))}
        </select>
      </Field>
      <Field name="limit" label={texts.limit} hint={texts.limitHint}>
        <input
          id="limit"
          name="limit"
          type="number"
          min={1}
          step={1}
          inputMode="numeric"
          aria-describedby="limit-hint"
        />
      </Field>
    </>
  );
}

function LimitFields({ fields, texts }: FieldParts) {
  const rate = { type: 'number', min: 0.001, max: 1_000, step: 'any', inputMode: 'decimal' } as const;
  const workers = { type: 'number', min: 1, max: 1_000, step: 1, inputMode: 'numeric' } as const;
  return (
    <>
      <Field name="rate" label={texts.rate} hint={texts.rateHint}>
        <input id="rate" name="rate" {...rate} value={fields['rate']} aria-describedby="rate-hint" />
      </Field>
      <Field name="workers" label={texts.workers}>
        <input id="workers" name="workers" {...workers} value={fields['workers']} />
      </Field>
    </>
  );
}

interface FieldFrame {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly children: ComponentChildren;
}

function Field({ name, label, hint, children }: FieldFrame) {
  return (
    <p class="field">
      <label for={name}>{label}</label>
      {children}
      {hint === undefined ? null : (
        <span class="soft" id={`${name}-hint`}>
          {hint}
        </span>
      )}
    </p>
  );
}
