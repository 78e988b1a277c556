{#- The stores of which a row of the table stores counts tonight, by name. Asked when a model runs and written into its SQL as a list,
    because engines read and parse a whole table before they compare it with the result of a subquery: so they leave out what is of
    other stores before (measured on Postgres: 0.7 s instead of 64 s for 56,000 orders that are text). What is left out must be what the
    model's own conditions leave out; where nobody can be asked, as in unit tests, the list holds '' alone, which is no store.
    condition: of rows of base_stores. Example: {{ stores_told(is_currency('currency')) }} -> ['shop_1', 'shop_2'] -#}
{% macro stores_told(condition='true') -%}
    {%- set found = [] -%}
    {%- if execute and model.resource_type == 'model' and flags.WHICH in ('run', 'build') -%}
        {%- set stores = made_table('model', 'base_stores') -%}
        {%- if load_relation(stores) is not none -%}
            {%- for row in run_query(
                'select store_id from ' ~ stores ~ " where fate = 'accepted' and " ~ condition ~ ' order by ' ~ byte_order('store_id')
            ).rows -%}{%- do found.append(row[0]) -%}{%- endfor -%}
        {%- endif -%}
    {%- endif -%}
    {{- return(found or ['']) -}}
{%- endmacro %}

{#- The time zones of the stores as stg_stores has them, asked when a model runs; none where nobody can be asked. -#}
{% macro zones_of_stores() -%}
    {%- if execute and model is defined and model.resource_type == 'model' and flags.WHICH in ('run', 'build') -%}
        {%- set stores = made_table('model', 'stg_stores') -%}
        {%- if load_relation(stores) is not none -%}
            {{- return(values_of('select distinct timezone from ' ~ stores ~ ' order by timezone')) -}}
        {%- endif -%}
    {%- endif -%}
    {{- return([]) -}}
{%- endmacro %}

{#- Whether a text is a code of ISO 4217, in capitals: one that is in use, or was since 1999. Example: {{ is_currency('currency') }} -#}
{% macro is_currency(code) -%}
    {%- set codes = (
        'AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF CHW CLF '
        ~ 'CLP CNY COP COU CRC CUC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR '
        ~ 'ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR '
        ~ 'MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP '
        ~ 'SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAD XAF '
        ~ 'XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD XPF XPT XSU XTS XUA XXX YER ZAR ZMW ZWG '
        ~ 'ADP AFA ATS AZM BEF BGL BYB BYR CSD CYP DEM EEK ESP FIM FRF GHC GRD GWP HRK IEP ITL LTL LUF LVL MGF MRO MTL MXP MZM NLG PTE '
        ~ 'ROL RUR SDD SIT SKK SLL SRG STD TMM TPE TRL USS VEB VEF XEU YUM ZMK ZWD ZWL ZWN ZWR'
    ).split() -%}
    {{ code }} in {{ sql_list(codes) }}
{%- endmacro %}
